import ArgumentParser
import Yams
import ServiceLifecycle

@main struct Berth: AsyncParsableCommand {}
