import RegistryConfiguration
import Testing

/// The files people have: what the images ship, and what the environment of a usual deployment adds.
@Suite struct ConfigurationStockFileTests {
    /// As in the image `registry:2`.
    private static let registry2 = """
        version: 0.1
        log:
          fields:
            service: registry
        storage:
          cache:
            blobdescriptor: inmemory
          filesystem:
            rootdirectory: /var/lib/registry
        http:
          addr: :5000
          headers:
            X-Content-Type-Options: [nosniff]
        health:
          storagedriver:
            enabled: true
            interval: 10s
            threshold: 3
        """

    /// As in the image `registry:3`, with its metrics and limits.
    private static let registry3 = """
        version: 0.1
        log:
          level: info
          fields:
            service: registry
            environment: production
        storage:
          cache:
            blobdescriptor: inmemory
            blobdescriptorsize: 10000
          filesystem:
            rootdirectory: /var/lib/registry
          tag:
            concurrencylimit: 8
        http:
          addr: :5000
          debug:
            addr: :5001
            prometheus:
              enabled: true
              path: /metrics
          headers:
            X-Content-Type-Options: [nosniff]
        health:
          storagedriver:
            enabled: true
            interval: 10s
            threshold: 3
        """

    private static func expected(warnings: [String]) -> Configuration {
        var configuration = Configuration(
            storage: .init(driver: .filesystem(rootDirectory: "/var/lib/registry", maxThreads: 100)), warnings: warnings
        )
        configuration.log.fields = ["service": "registry"]
        configuration.http.headers = ["X-Content-Type-Options": ["nosniff"]]
        return configuration
    }

    @Test func registry2() throws {
        let warnings = ["config.yml:6: storage.cache has no effect yet", "config.yml:14: health has no effect yet"]
        #expect(try loadConfiguration(Self.registry2) == Self.expected(warnings: warnings))
    }

    @Test func registry3() throws {
        var expected = Self.expected(warnings: [
            "config.yml:8: storage.cache has no effect yet",
            "config.yml:13: storage.tag has no effect yet",
            "config.yml:24: health has no effect yet",
        ])
        expected.log.fields["environment"] = "production"
        expected.http.debug = .init(address: ":5001", metricsPath: "/metrics")
        #expect(try loadConfiguration(Self.registry3) == expected)
    }

    @Test func windowsLineEndsCountAsLines() throws {
        let text = Self.registry2.split(separator: "\n").joined(separator: "\r\n")
        #expect(try loadConfiguration(text) == loadConfiguration(Self.registry2))
    }

    /// `docker run -e …` with the variables the documentation shows.
    @Test func registry2WithTheUsualEnvironment() throws {
        let configuration = try loadConfiguration(
            Self.registry2,
            [
                "REGISTRY_STORAGE_DELETE_ENABLED": "true",
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/data",
                "REGISTRY_HTTP_ADDR": "0.0.0.0:443",
                "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/domain.crt",
                "REGISTRY_HTTP_TLS_KEY": "/certs/domain.key",
                "REGISTRY_HTTP_SECRET": "8f2c",
                "REGISTRY_LOG_LEVEL": "debug",
                "REGISTRY_LOG_ACCESSLOG_DISABLED": "true",
                "REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_ENABLED": "false",
                "REGISTRY_PORT": "tcp://10.96.0.7:5000",
            ]
        )
        var expected = Self.expected(warnings: [
            "Ignoring unrecognized environment variable REGISTRY_PORT",
            "config.yml:6: storage.cache has no effect yet",
            "config.yml:14: health has no effect yet",
        ])
        expected.storage.driver = .filesystem(rootDirectory: "/data", maxThreads: 100)
        expected.storage.deleteEnabled = true
        expected.storage.uploadPurging.enabled = false
        expected.http.addr = "0.0.0.0:443"
        expected.http.tls = .init(certificate: "/certs/domain.crt", key: "/certs/domain.key")
        expected.http.secret = "8f2c"
        expected.log.level = .debug
        expected.log.accessLogDisabled = true
        #expect(configuration == expected)
    }
}
