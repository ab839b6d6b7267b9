import NIOSSL
import NIOHTTP1
import NIOPosix
