/// The guards that are taken out, a file for each module. Not all that there are: those whose absence would lose
/// somebody's data, let somebody in, or let somebody fill or end the process come first.
package enum GuardList {
    package static let all = oci + storage + index + core + collector + wire + program + screen
}
