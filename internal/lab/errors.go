package lab

import (
	"fmt"
	"net/http"
)

// Error is a refusal as AWS sends it: an HTTP status, a code on the wire and a message. The protocol of the service
// decides its shape.
type Error struct {
	Status  int    // HTTP status
	Code    string // for instance DBClusterNotFoundFault
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalidValue(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidParameterValue", format, args...)
}

func invalidCombination(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidParameterCombination", format, args...)
}

func missingParameter(name string) *Error {
	return refuse(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter %s", name)
}

func clusterNotFound(id string) *Error {
	return refuse(http.StatusNotFound, "DBClusterNotFoundFault", "DBCluster %s not found.", id)
}

func clusterState(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidDBClusterStateFault", format, args...)
}

func instanceNotFound(id string) *Error {
	return refuse(http.StatusNotFound, "DBInstanceNotFound", "DBInstance %s not found.", id)
}

func instanceState(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidDBInstanceState", format, args...)
}

func snapshotNotFound(id string) *Error {
	return refuse(http.StatusNotFound, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found.", id)
}

func snapshotState(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidDBClusterSnapshotStateFault", format, args...)
}

func groupNotFound(id string) *Error {
	return refuse(http.StatusNotFound, "DBParameterGroupNotFound", "DBClusterParameterGroup not found: %s", id)
}

func groupState(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidDBParameterGroupState", format, args...)
}

func keyNotAccessible(id string) *Error {
	return refuse(http.StatusBadRequest, "KMSKeyNotAccessibleFault",
		"The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it.", id)
}
