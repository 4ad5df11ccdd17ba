// Package terminal sets what commands tell a person: headings, prose, numbered
// steps and facts, on the lines and colours of package page.
//
// Its nouns: a Style colours, a Page takes text. It must not look at the
// environment, at a file descriptor or at the clock: the width and whether to
// colour are told to it. It knows nothing of controls and findings, and does
// not clean text that came from elsewhere.
package terminal
