import CMalloc

/// What the C library does with memory that was freed. It keeps what threads free for themselves, which in a process that
/// has taken one large manifest on each of its threads is all of that, for ever (mallopt(3)).
enum FreedMemory {
    /// Pools that threads share. Each keeps what it had at its largest moment; with fewer they wait for each other.
    private static let arenasMax: CInt = 4
    /// Bytes of a piece that is asked of the system and given back to it by itself. Above the buffers that every transfer
    /// takes, which would cost a fault for each of their pages.
    private static let bytesMapped: CInt = 1 << 20

    /// To be called before there are many threads.
    static func tune() {
        mallopt(M_ARENA_MAX, arenasMax)
        mallopt(M_MMAP_THRESHOLD, bytesMapped)
    }

    /// Gives to the system what lies between pieces that are in use: a flood that is over is not to be seen any more. Takes
    /// milliseconds.
    static func giveBack() { malloc_trim(0) }
}
