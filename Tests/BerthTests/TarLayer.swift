import OCI

/// A layer that clients unpack: files in a ustar archive, and that in gzip.
struct TarLayer: Sendable {
    /// The archive; its digest is the layer's `diff_id`.
    let tar: [UInt8]
    /// What is pushed.
    let gzip: [UInt8]

    init(_ files: [(name: String, content: [UInt8])]) {
        var tar: [UInt8] = []
        for file in files {
            tar += Self.header(file.name, file.content.count) + file.content
            tar += [UInt8](repeating: 0, count: (512 - file.content.count % 512) % 512)
        }
        // POSIX.1-1988, "Extended tar format": two blocks of zeros end it.
        tar += [UInt8](repeating: 0, count: 1024)
        self.tar = tar
        gzip = Gzip.stored(tar)
    }

    private static func header(_ name: String, _ size: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(size, digits: 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6), at: 148)
        header[154] = 0
        return header
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

/// Gzip without compression: valid for every reader, and no library is needed to write it.
enum Gzip {
    /// RFC 1952 around RFC 1951, 3.2.4, "Non-compressed blocks".
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var gzip: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            gzip += [rest.isEmpty ? 1 : 0] + littleEndian(length) + littleEndian(~length) + block
        } while !rest.isEmpty
        return gzip + littleEndian(checksum(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// CRC-32 of RFC 1952, 8.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xff)] ^ (crc >> 8) }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xedb8_8320 ^ (crc >> 1) : crc >> 1 }
    }
}
