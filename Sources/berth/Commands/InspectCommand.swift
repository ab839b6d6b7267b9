import ArgumentParser
import Foundation
import OCI

/// Says what a reference means.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what an image reference means.",
        discussion: "ubuntu is docker.io/library/ubuntu:latest; localhost:5000/x:1 is x:1 at localhost:5000."
    )

    @Flag(help: "Print the parts of the reference as every client reads it. Nothing is asked of any registry.")
    var resolve = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "An image as people type it.")
    var image: String

    func validate() throws {
        if !resolve { throw ValidationError("inspect knows --resolve only") }
    }

    func run() throws {
        let reference: ImageReference
        do throws(OCIError) {
            reference = try ImageReference(image)
        } catch {
            throw Refusal(error.description)
        }
        let parts = [
            ("reference", reference.description), ("registry", reference.domain),
            ("repository", reference.repository.text), ("tag", reference.tag?.text),
            ("digest", reference.digest?.description),
        ]
        if json {
            let fields = parts.map { "\(LogLineFormat.quoted($0.0)):\($0.1.map(LogLineFormat.quoted) ?? "null")" }
            Output.write("{\(fields.joined(separator: ","))}")
        } else {
            for (name, value) in parts {
                Output.write(name.padding(toLength: 12, withPad: " ", startingAt: 0) + (value ?? "-"))
            }
        }
    }
}
