/// The sandbox's rules for one body, without a server: what PAR's certification would complain about.
public enum SandboxPayload {
  /// What is wrong with `bytes` as the body of `route`, by path; empty when nothing is.
  ///
  /// - Parameter isLockingEnabled: whether the brand locks baskets, which makes `external_uid` required.
  public static func violations(
    in bytes: [UInt8], of route: SandboxRoute, isLockingEnabled: Bool = true
  ) -> [String] {
    guard bytes.count <= 1 << 20, let body = SandboxJSON(parsing: bytes) else {
      return ["the body is no JSON"]
    }
    var complaints = SandboxRules.check(body, of: route, isLockingEnabled: isLockingEnabled).complaints
    if route == .quote, body["query"] == nil { complaints.append("query is missing") }
    if route == .commit, body["query"] != nil {
      complaints.append("query is there: a commit has none at all, not even false")
    }
    if let key = body["punchh_key"]?.string, let complaint = SandboxRules.keyFormComplaint(key) {
      complaints.append(complaint)
    }
    return complaints
  }
}
