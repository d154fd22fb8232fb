internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import POSModel
internal import POSTransport
internal import SystemPackage

/// A Punchh server on this machine for demonstrations and tests: real HTTP in front of a world in memory.
///
///     let sandbox = try await SandboxServer.start()
///     print("http://127.0.0.1:\(sandbox.port)")
///     …
///     print(sandbox.ledger.violations)
///     await sandbox.stop()
///
/// It checks what the till sends and keeps a ledger, also as JSON at `GET /sandbox/ledger`.
public final class SandboxServer: Sendable {
  /// The port it listens on.
  public let port: Int

  private let world: Lock<SandboxWorld>
  private let clock: @Sendable () -> Int64
  private let listener: any Channel
  private let connections: Lock<[ObjectIdentifier: any Channel]>
  /// Set by the first ``stop()``; the others wait for it.
  private let stopping = Lock<Task<Void, Never>?>(nil)

  private init(
    port: Int, world: Lock<SandboxWorld>, clock: @escaping @Sendable () -> Int64,
    listener: any Channel, connections: Lock<[ObjectIdentifier: any Channel]>
  ) {
    self.port = port
    self.world = world
    self.clock = clock
    self.listener = listener
    self.connections = connections
  }

  /// Listens on 127.0.0.1.
  ///
  /// - Parameters:
  ///   - port: 0 for any free one.
  ///   - checkInLog: a file that gets one JSON line for each credited check-in, before it is answered.
  ///   - clock: seconds since 1970; codes expire by it.
  /// - Throws: `device.busy` when the port is taken.
  public static func start(
    _ settings: SandboxSettings = SandboxSettings(), port: Int = 0,
    faults: SandboxFaultPlan = SandboxFaultPlan(),
    checkInLog: String? = nil, clock: (@Sendable () -> Int64)? = nil
  ) async throws(DeviceError) -> SandboxServer {
    let clock = clock ?? { Int64(Date().timeIntervalSince1970) }
    var start = SandboxWorld(settings, now: clock())
    start.faults = faults
    let world = Lock(start)
    let connections = Lock<[ObjectIdentifier: any Channel]>([:])
    let log = checkInLog.map { CheckInLog(path: FilePath($0)) }
    // All servers of a process share NIO's threads: tests start hundreds.
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        connections.withLock { $0[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { _ in
          connections.withLock { $0[ObjectIdentifier(channel)] = nil }
        }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(
            SandboxHandler(world: world, clock: clock, log: log))
        }
      }
    do {
      let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
      return SandboxServer(
        port: listener.localAddress?.port ?? port, world: world, clock: clock, listener: listener,
        connections: connections)
    } catch {
      throw DeviceError(
        .busy, during: "listening on 127.0.0.1:\(port)", detail: "the port is taken or not allowed",
        hint: "use port 0 for any free one")
    }
  }

  /// Ends all connections and waits until nothing runs any more. Stopping twice is stopping once.
  public func stop() async {
    let task = stopping.withLock { current in
      let task = current ?? Task { await self.shutDown() }
      current = task
      return task
    }
    await task.value
  }

  private func shutDown() async {
    try? await listener.close()
    for channel in connections.withLock({ Array($0.values) }) { try? await channel.close() }
  }

  /// Everything that has happened.
  public var ledger: SandboxLedger { world.withLock { $0.snapshot } }

  /// Makes something go wrong from now on; see ``SandboxFaultPlan``.
  public func inject(_ fault: SandboxFault, on route: SandboxRoute?, times: Int? = nil) {
    world.withLock { $0.faults.add(fault, on: route, times: times) }
  }

  /// Makes nothing go wrong any more.
  public func clearFaults() { world.withLock { $0.faults = SandboxFaultPlan() } }

  /// The body that was answered last to a call of `route`, before any fault touched it; empty when there was none.
  public func lastAnswer(of route: SandboxRoute) -> [UInt8] { world.withLock { $0.lastAnswers[route] ?? [] } }

  /// Answers the next call of `route` with these very bytes, doing nothing else.
  public func script(_ status: Int, _ body: String, on route: SandboxRoute) {
    script(status, bytes: Array(body.utf8), on: route)
  }

  /// Answers the next call of `route` with these very bytes and headers, doing nothing else.
  public func script(
    _ status: Int, bytes: [UInt8], headers: [(name: String, value: String)] = [], on route: SandboxRoute
  ) {
    let reply = SandboxReply(status: status, body: bytes, headers: headers)
    world.withLock { $0.scripted.append((route, reply)) }
  }

  /// Puts a reward of the guest's into the basket, as the app does. A basket that is locked stays as it is.
  public func choose(_ reward: Int64, for guest: Int64) {
    world.withLock { $0.choose(reward, for: guest) }
  }

  /// Gives a guest a new single scan code in place of the old one, as the app does.
  public func issue(_ code: String, for guest: Int64) {
    let now = clock()
    world.withLock { $0.issue(code, for: guest, now: now) }
  }
}

/// Appends credited check-ins to a file, one JSON line each.
private struct CheckInLog: Sendable {
  let path: FilePath

  func append(_ checkIn: SandboxLedger.CheckIn) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = try encoder.encode(checkIn) + [0x0A]
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.append, .create], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(line) }
  }
}

/// One connection: collects a request, asks the world, answers. Requests are bounded.
private final class SandboxHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private static let bodyLimit = 1 << 20
  /// The real server takes 32768 bytes of headers (specs/punchh.md §3).
  private static let headLimit = 32 << 10

  private let world: Lock<SandboxWorld>
  private let clock: @Sendable () -> Int64
  private let log: CheckInLog?
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  init(world: Lock<SandboxWorld>, clock: @escaping @Sendable () -> Int64, log: CheckInLog?) {
    self.world = world
    self.clock = clock
    self.log = log
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      let size =
        head.uri.utf8.count + head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
      guard size <= Self.headLimit else {
        return refuse(context, .requestHeaderFieldsTooLarge)
      }
      self.head = head
      body = []
    case .body(let part):
      guard head != nil else { return }
      guard body.count + part.readableBytes <= Self.bodyLimit else {
        return refuse(context, .payloadTooLarge)
      }
      body += part.readableBytesView
    case .end:
      guard let head else { return }
      self.head = nil
      answer(context, head)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus) {
    head = nil
    body = []
    write(SandboxReply(status: Int(status.code), body: []), context, keepAlive: false)
  }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
    if head.method == .GET, head.uri == "/sandbox/ledger" {
      let ledger = world.withLock { $0.snapshot }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let bytes = (try? encoder.encode(ledger)).map { Array($0) } ?? []
      return write(SandboxReply(status: 200, body: bytes), context, keepAlive: head.isKeepAlive)
    }
    let parts = head.uri.split(separator: "?", maxSplits: 1)
    let query = (parts.count == 2 ? parts[1] : "").split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (name: Self.decoded(sides[0]), value: sides.count == 2 ? Self.decoded(sides[1]) : "")
    }
    let request = SandboxRequest(
      method: head.method.rawValue, path: parts.first.map(String.init) ?? "/", query: query,
      headers: head.headers.map { ($0.name.lowercased(), $0.value) }, body: body)
    body = []
    let now = clock()
    let reply = world.withLock { $0.handle(request, now: now) }
    if let credited = reply.credited, let log {
      do {
        try log.append(credited)
      } catch {
        // A check-in that the log does not know of must not look accepted.
        return write(SandboxReply(status: 500, body: []), context, keepAlive: false)
      }
    }
    switch reply.delivery {
    case .now: write(reply, context, keepAlive: head.isKeepAlive)
    case .never: break
    case .close: context.close(promise: nil)
    case .truncated: writePart(reply, context)
    case .trickled:
      writePart(SandboxReply(status: reply.status, body: []), context, closes: false)
      trickle(context)
    case .late(let milliseconds):
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
        guard bound.value.channel.isActive else { return }
        handler.value.write(reply, bound.value, keepAlive: false)
      }
    }
  }

  /// Half of an answer that promised more, then perhaps the end of the connection.
  private func writePart(_ reply: SandboxReply, _ context: ChannelHandlerContext, closes: Bool = true) {
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status),
      headers: ["Transfer-Encoding": "chunked", "Content-Type": reply.contentType])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let half = reply.body.prefix(reply.body.count / 2)
    let promise = context.eventLoop.makePromise(of: Void.self)
    if closes {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      promise.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: half)))), promise: promise)
  }

  /// A space every tenth of a second, until the till has enough.
  private func trickle(_ context: ChannelHandlerContext) {
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .milliseconds(100)) {
      guard bound.value.channel.isActive else { return }
      let space = handler.value.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: [0x20]))))
      bound.value.writeAndFlush(space, promise: nil)
      handler.value.trickle(bound.value)
    }
  }

  private func write(_ reply: SandboxReply, _ context: ChannelHandlerContext, keepAlive: Bool) {
    var headers = HTTPHeaders([
      ("Content-Length", String(reply.body.count)), ("X-Request-Id", reply.requestID), ("X-Runtime", "0.01"),
    ])
    for (name, value) in reply.headers { headers.add(name: name, value: value) }
    if !reply.body.isEmpty { headers.add(name: "Content-Type", value: reply.contentType) }
    if !keepAlive { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
    let promise = context.eventLoop.makePromise(of: Void.self)
    if !keepAlive {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      promise.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
  }

  /// A query's part with its percent escapes resolved; broken escapes stay as they are.
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
