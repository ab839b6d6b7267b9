import Logging
package import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Links that repairs moved away and that still spare what they may have needed, by path. Costs a listing for each.
    package func pins() async throws(RegistryError) -> [Pin] {
        var pins: [Pin] = []
        var pending: [StoragePath] = [Layout.pins]
        while let directory = pending.popLast() {
            for entry in try await stored({ try await storage.list(directory) }) ?? [] {
                let path = directory.appending(entry.name)
                if entry.isDirectory {
                    pending.append(path)
                } else if !entry.name.hasSuffix(".tmp") {
                    pins.append(try await pin(at: path))
                }
            }
        }
        return pins.sorted { $0.place.text < $1.place.text }
    }

    private func pin(at path: StoragePath) async throws(RegistryError) -> Pin {
        let place = StoragePath.root.appending(Array(path.components.dropFirst(Layout.pins.components.count)))
        return Pin(place: place, content: try? await storage.read(path, limit: Pin.bytesMax))
    }

    /// Has a link spare what it may need also when it is not there any more. Durable before it returns.
    func keep(_ pin: Pin) async throws(RegistryError) {
        try await stored { try await storage.write(pin.path, pin.content) }
        try indexed {
            try index.write { change in
                try change.damaged(
                    pin.path.text, in: pin.repository, naming: pin.digest, reason: pin.advice, pass: nextPass())
            }
        }
    }

    /// Gives up what the lost links of a repository may have needed: the next sweep takes what nothing else holds. A person's
    /// word, and nobody else's. Gives the pins that there were.
    @discardableResult
    package func unpin(_ name: RepositoryName) async throws(RegistryError) -> [Pin] {
        try requireWritable()
        let own = try await pins().filter { $0.repository == name }
        for pin in own { try await release(pin) }
        changed()
        logger.notice("unpinned", metadata: ["repository": "\(name)", "pins": "\(own.count)"])
        return own
    }

    func release(_ pin: Pin) async throws(RegistryError) {
        try await stored { try await storage.remove(pin.path) }
        // Upwards as long as nothing else is pinned there.
        var directory = pin.path.parent
        while let place = directory, place != Layout.pins, try await stored({ try await storage.removeIfEmpty(place) })
        {
            directory = place.parent
        }
        try indexed { try index.write { try $0.damageMended(pin.path.text) } }
    }
}

extension Reconciler {
    /// Takes the pins into the index, less those whose place is whole again.
    func comparePins() async throws(RegistryError) {
        let pins: [Pin]
        do throws(RegistryError) {
            pins = try await registry.pins()
        } catch {
            guard case .storage(let failure) = error, failure.isOfOnePlace else { throw error }
            // Nobody knows what they spare.
            return try damaged(Layout.pins, nil, error.message)
        }
        for pin in pins {
            if try await isWhole(pin) {
                try await registry.release(pin)
            } else {
                try damaged(pin.path, pin.repository, naming: pin.digest, pin.advice)
            }
        }
        try indexed { try index.write { try $0.damageCleared(below: Layout.pins.text, before: pass) } }
    }

    /// The link is there and leads to something that says what it needs.
    private func isWhole(_ pin: Pin) async throws(RegistryError) -> Bool {
        guard pin.repository != nil, let target = try await link(at: pin.place).digest else { return false }
        if pin.place.components.contains("_layers") { return true }
        if pin.tag == nil, pin.digest != target { return false }
        if case .sound = try await document(target) { return true }
        return false
    }
}
