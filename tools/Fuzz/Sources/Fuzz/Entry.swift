import Glibc

/// The target that the environment names. One binary holds all of them, so that they are built once.
private let selected: FuzzTarget = {
  let name = getenv("POS_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    for target in FuzzTarget.all { print(target.name) }
    exit(name.isEmpty ? 0 : 2)
  }
  return target
}()

/// Called once: lists the targets when none is named, or writes the seeds of the one that is.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>>
) -> CInt {
  let target = selected
  if let folder = getenv("POS_FUZZ_SEEDS") {
    Seeds.write(target.seeds(), of: target.name, to: String(cString: folder))
    exit(0)
  }
  return 0
}

/// Called for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  selected.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
