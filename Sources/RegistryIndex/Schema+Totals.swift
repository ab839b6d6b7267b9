/// What keeps the totals of the repositories.
///
/// Each statement finds its rows by a key: a base layer is held by as many repositories as there are, and a link to it must
/// not cost a look at all of them. Only its bytes' coming and going does.
extension Schema {
    static let totalTriggers = """
        \(holding("layer", "blob", insteadOf: "revision", "manifest"))
        \(holding("revision", "manifest", insteadOf: "layer", "blob"))
        CREATE TRIGGER blob_sized AFTER UPDATE OF size, present ON blob
        WHEN NEW.present <> OLD.present OR NEW.size <> OLD.size BEGIN
            UPDATE repository SET
                bytes_high = bytes_high \(difference(high)), bytes_low = bytes_low \(difference(low)),
                own_high = own_high + (NEW.holders = 1) * (0 \(difference(high))),
                own_low = own_low + (NEW.holders = 1) * (0 \(difference(low)))
            WHERE id IN (\(holders("NEW.id")));
            \(shownOtherwise("NEW.id"))
        END;
        CREATE TRIGGER tag_touched AFTER UPDATE ON tag BEGIN
            UPDATE repository SET \(change) WHERE id = NEW.repository;
        END;
        CREATE TRIGGER manifest_known AFTER INSERT ON manifest BEGIN
            UPDATE repository SET \(change) WHERE id IN (\(users("NEW.blob")));
        END;
        CREATE TRIGGER manifest_forgotten AFTER DELETE ON manifest BEGIN
            UPDATE repository SET \(change) WHERE id IN (\(users("OLD.blob")));
        END;
        \(damage("added", "INSERT", "NEW"))
        \(damage("mended", "DELETE", "OLD"))
        """

    private static func high(_ size: String) -> String { "(\(size) >> 32)" }
    private static func low(_ size: String) -> String { "(\(size) & 4294967295)" }

    /// What a blob's bytes are more than before, by one half of their number.
    private static func difference(_ half: (String) -> String) -> String {
        "+ NEW.present * \(half("NEW.size")) - OLD.present * \(half("OLD.size"))"
    }

    /// The repositories that hold a blob.
    private static func holders(_ blob: String) -> String {
        "SELECT repository FROM layer WHERE blob = \(blob) UNION SELECT repository FROM revision WHERE manifest = \(blob)"
    }

    /// The repositories with a tag that reaches a blob, whatever links it.
    private static func users(_ blob: String) -> String {
        """
        WITH RECURSIVE up(id) AS (
            SELECT \(blob) UNION SELECT e.manifest FROM edge e JOIN up ON e.target = up.id
            UNION SELECT s.id FROM up CROSS JOIN manifest m ON m.blob = up.id CROSS JOIN blob s ON s.digest = m.subject)
        SELECT t.repository FROM up JOIN tag t ON t.manifest = up.id
        """
    }

    /// Says so of all repositories that hold a blob, or have a tag that reaches it.
    private static func shownOtherwise(_ blob: String) -> String {
        """
        UPDATE repository SET \(change) WHERE id IN (\(holders(blob)));
        UPDATE repository SET \(change) WHERE id IN (\(users(blob)));
        """
    }

    /// A repository holds a blob, or does not any more, by a link of one kind where it has none of the other.
    private static func holding(_ table: String, _ column: String, insteadOf other: String, _ otherColumn: String)
        -> String
    {
        func trigger(_ name: String, _ verb: String, _ row: String, _ sign: String, shared: Int) -> String {
            let blob = "\(row).\(column)"
            let size = { (half: (String) -> String) in
                "COALESCE((SELECT \(half("size")) FROM blob WHERE id = \(blob) AND present), 0)"
            }
            // The one repository that had it for itself till now, or has from now on.
            let only = """
                (SELECT CASE WHEN holders = \(shared) THEN COALESCE(
                    (SELECT repository FROM layer WHERE blob = b.id AND repository <> \(row).repository LIMIT 1),
                    (SELECT repository FROM revision WHERE manifest = b.id AND repository <> \(row).repository LIMIT 1))
                END FROM blob b WHERE id = \(blob))
                """
            let opposite = sign == "+" ? "-" : "+"
            return """
                CREATE TRIGGER \(name) AFTER \(verb) ON \(table) WHEN NOT EXISTS (
                    SELECT 1 FROM \(other) WHERE repository = \(row).repository AND \(otherColumn) = \(blob)) BEGIN
                    UPDATE blob SET holders = holders \(sign) 1 WHERE id = \(blob);
                    UPDATE repository SET
                        bytes_high = bytes_high \(sign) \(size(high)), bytes_low = bytes_low \(sign) \(size(low))
                    WHERE id = \(row).repository;
                    UPDATE repository SET own_high = own_high \(sign) \(size(high)), own_low = own_low \(sign) \(size(low))
                    WHERE id = \(row).repository AND (SELECT holders FROM blob WHERE id = \(blob)) = \(shared - 1);
                    UPDATE repository SET
                        own_high = own_high \(opposite) \(size(high)), own_low = own_low \(opposite) \(size(low)), \(change)
                    WHERE id = \(only);
                END;
                """
        }
        return trigger("\(table)_held", "INSERT", "NEW", "+", shared: 2) + "\n"
            + trigger("\(table)_let_go", "DELETE", "OLD", "-", shared: 1)
    }

    /// Damage of a place, or of what its blob is part of.
    private static func damage(_ name: String, _ verb: String, _ row: String) -> String {
        let blob = "(SELECT id FROM blob WHERE digest = \(row).digest)"
        return """
            CREATE TRIGGER damage_\(name) AFTER \(verb) ON damage BEGIN
                UPDATE repository SET \(change) WHERE id = \(row).repository;
                \(shownOtherwise(blob))
            END;
            """
    }
}
