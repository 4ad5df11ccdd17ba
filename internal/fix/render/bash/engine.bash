set -euo pipefail

usage() {
	cat <<USAGE
Usage: $0 [--apply | --undo] [options]

Without --apply or --undo it only reads, and shows what it would do.

  --apply              make the changes (APPLY=1 in the environment does the same)
  --undo               take back what this script did, newest first
  --only CHANGE        work on this change only, such as 1; may be repeated
  --accept CONTROL     accept what applying or undoing a control's changes means
  --accept-loss        let an undo throw away what it would throw away
  --confirm STEP       say that a manual step was done, such as 1.1
  --state DIR          keep progress and prior values there, not in $state

Exit codes: 0 all done, 1 something failed, 2 usage, 3 something is left to do.
USAGE
}

mode=show
if [[ ${APPLY:-0} == 1 ]]; then
	mode=apply
fi
only=' '
accepted=' '
confirmed=' '
loss=no
while (($#)); do
	case $1 in
	--apply) mode=apply ;;
	--undo) mode=undo ;;
	--accept-loss) loss=yes ;;
	--only | --accept | --confirm | --state)
		if (($# < 2)); then
			usage >&2
			exit 2
		fi
		case $1 in
		--only) only+="$2 " ;;
		--accept) accepted+="$2 " ;;
		--confirm) confirmed+="$2 " ;;
		--state) state=$2 ;;
		esac
		shift
		;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
	shift
done

export AWS_PAGER='' # version 2 of the AWS CLI would wait for a key
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { printf '%s\n' "$*"; }

# fail ends the change under way.
fail() {
	say "  FAILED: $*" >&2
	exit 1
}

# wait_for_person ends the change under way until a person has done something.
wait_for_person() {
	say "  WAITING FOR YOU: $*"
	exit 3
}

# has tells whether a list of words holds a word.
has() { [[ $1 == *" $2 "* ]]; }

# log keeps progress: what was done is not done again, and only that is undone.
log() {
	mkdir -p "$state"
	printf '%s\n' "$1" >>"$state/progress"
}

logged() { [[ -f $state/progress ]] && grep -qxF -- "$1" "$state/progress"; }

# touched tells whether anything of a change was ever done.
touched() { [[ -f $state/progress ]] && grep -qE -- "^$1\\.[0-9]+ called$" "$state/progress"; }

# ask prints the answer to a question about one resource: true, false or gone.
ask() { # REGION QUERY COMMAND…
	local region=$1 query=$2 answer
	shift 2
	if answer=$(aws "$@" --region "$region" --query "$query" --output json 2>"$scratch/error"); then
		printf '%s\n' "$answer"
	elif grep -qE '\([A-Za-z.]*NotFound[A-Za-z]*\)' "$scratch/error"; then
		printf 'gone\n'
	else
		cat "$scratch/error" >&2
		return 1
	fi
}

# holds tells whether the answer to a question is true. What cannot be read
# ends the change: nothing is done on unread data.
holds() { # REGION QUERY COMMAND…
	local answer
	answer=$(ask "$@") || fail 'that could not be read'
	[[ $answer == true ]]
}

# is_gone tells whether a resource does not exist.
is_gone() { # REGION COMMAND…
	local region=$1 answer
	shift
	answer=$(ask "$region" "type(@) == 'object'" "$@") || fail 'that could not be read'
	[[ $answer == gone ]]
}

# until_true waits until a part of a change holds, at most so many seconds.
until_true() { # CHANGE PART SECONDS
	local end=$((SECONDS + $3))
	until change "$1" "$2"; do
		if ((SECONDS >= end)); then
			return 1
		fi
		sleep "${POLL:-15}"
	done
}

# accept ends a change that needs acceptance and has none.
accept() { # CONTROL WHY
	has "$accepted" "$1" || wait_for_person "$2"$'\n'"  Run it with --accept $1 if that is meant."
}

# accept_undo does the same on the way back.
accept_undo() { # CHANGE CONTROL WHAT
	! touched "$1" || accept "$2" "undoing exposes $3"
}

# accept_loss ends an undo that throws something away.
accept_loss() { # CHANGE WHAT
	if touched "$1" && [[ $loss == no ]]; then
		wait_for_person "undoing loses $2"$'\n''  Run it with --accept-loss if that is meant.'
	fi
}

# show tells how a step stands, without changing anything.
show() { # CHANGE STEP TITLE
	if change "$1" "$2.took"; then
		say "  $2. $3: there already"
	elif (($2 > 1)) || change "$1" "$2.same"; then
		say "  $2. $3: to do"
	else
		fail "$2. $3: it moved since the plan; make a new plan"
	fi
}

# act makes the call of a step, unless its effect is there already, and waits
# for the proof that it took effect.
act() { # CHANGE STEP TITLE TIMEOUT SETTLE
	if logged "$1.$2 done"; then
		say "  $2. $3: done before"
		return
	fi
	if change "$1" "$2.took"; then
		say "  $2. $3: there already"
	else
		change "$1" "$2.same" || fail "$2. $3: it moved since the plan; make a new plan"
		until_true "$1" "$2.ready" 300 || fail "$2. $3: the resource takes no changes"
		say "  $2. $3"
		log "$1.$2 called"
		change "$1" "$2.call" || fail "$2. $3: the call was refused"
	fi
	until_true "$1" "$2.done" "$4" || fail "$2. $3: the effect did not show within $4 seconds"
	sleep "${SETTLE:-$5}"
	log "$1.$2 done"
}

# person stops at what only a person can do, until it shows that it was done.
person() { # CHANGE STEP TITLE TEXT
	if ! logged "$1.$2 done"; then
		change "$1" "$2.done" || wait_for_person "$2. $3"$'\n'"$4"
		log "$1.$2 called"
		log "$1.$2 done"
	fi
	say "  $2. $3: done"
}

# confirm stops at what only a person can do and tell.
confirm() { # CHANGE STEP TITLE TEXT
	if ! logged "$1.$2 done"; then
		has "$confirmed" "$1.$2" || wait_for_person "$2. $3"$'\n'"$4"$'\n'"  Then run it with --confirm $1.$2"
		log "$1.$2 called"
		log "$1.$2 done"
	fi
	say "  $2. $3: confirmed"
}

# pass notes that a step was reached that matters on the way back only.
pass() { # CHANGE STEP
	logged "$1.$2 called" || log "$1.$2 called"
}

# pending tells whether a step was made and not taken back.
pending() { # CHANGE STEP
	logged "$1.$2 called" && ! logged "$1.$2 undone"
}

# revert takes a step back that this script made.
revert() { # CHANGE STEP TITLE TIMEOUT
	pending "$1" "$2" || return 0
	if ! change "$1" "$2.undone"; then
		change "$1" "$2.took" || fail "undo $2. $3: it is not what this script set any more, so it is left alone"
		until_true "$1" "$2.done" 300 || fail "undo $2. $3: the resource takes no changes"
		say "  undo $2. $3"
		change "$1" "$2.undo" || fail "undo $2. $3: the call was refused"
		until_true "$1" "$2.undone" "$4" || fail "undo $2. $3: the effect did not show within $4 seconds"
	fi
	log "$1.$2 undone"
}

# revert_by_hand stops at a step that only a person can take back.
revert_by_hand() { # CHANGE STEP TITLE TEXT
	pending "$1" "$2" || return 0
	change "$1" "$2.undone" || wait_for_person "undo $2. $3"$'\n'"$4"
	log "$1.$2 undone"
}

# confirm_undo does so where only the person can tell.
confirm_undo() { # CHANGE STEP TITLE TEXT
	pending "$1" "$2" || return 0
	has "$confirmed" "undo.$1.$2" || wait_for_person "undo $2. $3"$'\n'"$4"$'\n'"  Then run it with --undo --confirm undo.$1.$2"
	log "$1.$2 undone"
}

# remains stops at a step that cannot be taken back.
remains() { # CHANGE STEP TITLE WHY
	! pending "$1" "$2" || fail "undo $2. $3: $4"
}

# keep writes what a resource is like before the first change, once.
keep() { # CHANGE REGION COMMAND…
	local file=$state/prior/$1.json region=$2
	shift 2
	if [[ ! -s $file ]]; then
		mkdir -p "${file%/*}"
		aws "$@" --region "$region" --output json >"$scratch/prior" || fail 'the prior values could not be read'
		mv "$scratch/prior" "$file"
	fi
}

failed=0
left=0

# work runs one change by itself, so that one that fails stops no other.
work() { # CHANGE ACCOUNT TITLE
	local status
	if [[ $only != ' ' ]] && ! has "$only" "$1"; then
		return 0
	fi
	say "$1. $3"
	if [[ $2 != "$account" ]]; then
		say "  SKIPPED: it is in account $2, and these credentials are for $account"
		left=$((left + 1))
		return 0
	fi
	set +e
	(
		set -e
		change "$1" "$mode"
	)
	status=$?
	set -e
	case $status in
	0) ;;
	3) left=$((left + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
}

# finish tells how it went.
finish() {
	if ((failed > 0)); then
		say "$failed failed, $left left to do. Progress and prior values: $state"
		exit 1
	fi
	if ((left > 0)); then
		say "$left left to do. Progress and prior values: $state"
		exit 3
	fi
	if [[ $mode == show ]]; then
		say 'Nothing was changed. Run it with --apply to do this.'
	fi
}
