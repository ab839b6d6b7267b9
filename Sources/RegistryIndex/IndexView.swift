import GRDB

/// One consistent state of the index, for reading. Lives only inside `ReferenceIndex.read`.
package struct IndexView {
    let db: Database
}
