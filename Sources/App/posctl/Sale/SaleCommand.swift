import ArgumentParser

/// `posctl sale`: whole sales.
struct SaleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sale",
    abstract: "Runs whole sales, and takes up those that were cut off.",
    subcommands: [SaleRun.self, SaleResume.self]
  )
}
