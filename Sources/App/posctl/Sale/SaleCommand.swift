import ArgumentParser

/// `posctl sale`: whole sales.
struct SaleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sale",
    abstract: "Runs whole sales, takes up those that were cut off, and takes back those that are over.",
    subcommands: [SaleRun.self, SaleResume.self, SaleVoid.self, SaleRefund.self, SaleList.self]
  )
}
