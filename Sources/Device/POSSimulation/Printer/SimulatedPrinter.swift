public import ESCPOS
package import POSModel
public import POSTransport

/// A receipt printer that is not there: the device's end of a stream of bytes.
///
///     let link = MemoryLink(clock: clock)
///     let printer = SimulatedPrinter(over: link.device, PrinterGeometry(width: 576, dotsPerInch: 203))
///     let running = Task { await printer.run() }
///     // hand link.host to a driver, print, then look at
///     await printer.page
public actor SimulatedPrinter {
  /// What it is like, and what is wrong with it.
  public struct Faults: Sendable, Equatable {
    /// Dots of paper on the roll, `nil` for a roll without end.
    public var paperDots: Int?
    /// Dots that the paper moves in a second, `nil` for at once; 1600 are 200 mm at 203 dpi. Meanwhile only real-time
    /// requests are answered.
    public var dotsPerSecond: Int?
    /// Bytes of the receive buffer, besides what the link holds.
    public var bufferBytes = 64 << 10
    /// Remaining dots below which the roll is near its end.
    public var nearEndDots = 400
    /// The cover is open.
    public var isCoverOpen = false
    /// The cutter is stuck.
    public var isCutterStuck = false
    /// A cutter that has been freed waits for `DLE ENQ`.
    public var cutterNeedsRecovery = false
    /// The head is too hot.
    public var isTooHot = false
    /// Whether a drawer hangs on the connector, and its switch on pin 3.
    public var hasDrawer = true
    /// Breaks the link after so many bytes have arrived.
    public var breaksLinkAfter: Int?
    /// Whether it answers `GS ( H`.
    public var answersProcessID = true
    /// Whether it answers `GS r`.
    public var answersPaperStatus = true
    /// Whether it answers `DLE EOT`.
    public var answersRealTimeStatus = true
    /// Whether it answers `GS I`.
    public var answersIdentity = true
    /// The model that it says it is.
    public var model = "RECEIPT"
    /// Bytes that it sends before every answer.
    public var noise: [UInt8] = []

    /// Nothing is wrong.
    public init() {}
  }

  private var transport: any ByteTransport
  private var machine: SimulatedPrinterMachine
  private var outbox: [UInt8] = []
  private var isSending = false
  private var roomWaiter: CheckedContinuation<Void, Never>?
  private var hasStopped = false
  /// Waits for the paper to stand still.
  private var motor: (task: Task<Void, Never>, until: MonotonicInstant)?
  /// Bytes that came over earlier links.
  private var receivedBefore = 0

  /// A printer at the device's end of `transport`.
  public init(over transport: any ByteTransport, _ geometry: PrinterGeometry, faults: Faults = Faults()) {
    self.transport = transport
    machine = SimulatedPrinterMachine(geometry, faults: faults)
  }

  // MARK: - What one sees

  /// What is on the paper.
  public var page: PrintedPage { machine.page }

  /// The paper of each time it was switched on, oldest first.
  public var pages: [PrintedPage] { machine.pages }

  /// Whether the drawer stands open.
  public var isDrawerOpen: Bool { machine.isDrawerOpen }

  /// Every byte that arrived, the first 2 MB of them.
  public var receivedBytes: [UInt8] { machine.received }

  /// Whether it has stopped for want of paper.
  public var isPaperOut: Bool { machine.isPaperOut }

  /// Whether, after so many bytes have been sent over the link at hand, nothing will happen any more by itself: so a test may let
  /// time pass.
  ///
  /// Where the paper takes time, it moves until ``movesUntil``.
  package func isAtRest(after count: Int) -> Bool {
    hasStopped
      || (!isSending && outbox.isEmpty && (machine.isFull || machine.receivedCount - receivedBefore >= count))
  }

  /// Until when the paper moves, `nil` while it stands.
  package var movesUntil: MonotonicInstant? { machine.movesUntil }

  // MARK: - Hands

  /// Puts in a roll of so many dots, or one without end. Printing goes on where it stopped.
  public func loadPaper(dots: Int? = nil) async { await act { $0.loadPaper(dots: dots) } }

  /// Opens or closes the cover.
  public func setCover(isOpen: Bool) async { await act { $0.setCover(isOpen: isOpen) } }

  /// Lets the head cool down, or makes it too hot.
  public func setHead(isTooHot: Bool) async { await act { $0.setHead(isTooHot: isTooHot) } }

  /// Frees the cutter.
  public func freeCutter() async { await act { $0.freeCutter() } }

  /// Opens or shuts the drawer, which drives pin 3 of its connector.
  public func setDrawer(isOpen: Bool) async { await act { $0.setDrawer(isOpen: isOpen) } }

  // MARK: - The link

  /// Plugs the cable of another link in, one that does not break, after ``run()`` has ended with the first. What the
  /// printer holds, a half command included, it still holds.
  public func connect(over transport: any ByteTransport) {
    self.transport = transport
    outbox = []
    receivedBefore = machine.receivedCount
    machine.mendLink()
    hasStopped = false
  }

  /// Switches it off and on: what it held is gone, what stands on the paper stays.
  ///
  /// The link goes with the power; see ``connect(over:)``.
  public func cutPower() async {
    _ = machine.pass(to: transport.clock.now)
    machine.cutPower()
    await stop()
  }

  /// Works until the link has ended and the paper stands, or ``stop()`` is called.
  public func run() async {
    while !hasStopped {
      if machine.isFull {
        // As a real one: what it cannot take stays with the host.
        await withCheckedContinuation { roomWaiter = $0 }
        continue
      }
      var limit = 1024
      if let end = machine.faults.breaksLinkAfter {
        limit = min(limit, end - machine.receivedCount)
        guard limit > 0 else { break }
      }
      guard case .bytes(let bytes) = try? await transport.read(upTo: limit, until: nil) else { break }
      await act { $0.receive(bytes) }
    }
    await transport.close()
    while let motor, !hasStopped, !Task.isCancelled {
      await withTaskCancellationHandler {
        await motor.task.value
      } onCancel: {
        motor.task.cancel()
      }
    }
    hasStopped = true
  }

  /// Switches it off.
  public func stop() async {
    hasStopped = true
    motor?.task.cancel()
    motor = nil
    roomWaiter?.resume()
    roomWaiter = nil
    await transport.close()
  }

  /// Does something at the printer, at the time it is now, and sends what it answers.
  private func act(_ change: (inout SimulatedPrinterMachine) -> [UInt8]) async {
    let replies = machine.pass(to: transport.clock.now) + change(&machine)
    waitForPaper()
    await send(replies)
  }

  /// Sees to it that the printer goes on when the paper stands.
  private func waitForPaper() {
    guard let until = machine.movesUntil, until != motor?.until else { return }
    motor?.task.cancel()
    let clock = transport.clock
    motor = (
      Task {
        guard (try? await clock.sleep(until: until)) != nil, motor?.until == until else { return }
        motor = nil
        await act { _ in [] }
      }, until
    )
  }

  private func send(_ bytes: [UInt8]) async {
    if !machine.isFull {
      roomWaiter?.resume()
      roomWaiter = nil
    }
    outbox += bytes
    guard !isSending else { return }
    isSending = true
    while !outbox.isEmpty, !hasStopped {
      let next = outbox
      outbox = []
      // A host that takes no answers must not stop the printer for ever.
      guard (try? await transport.write(next, until: transport.clock.now + .seconds(5))) != nil else { break }
    }
    isSending = false
  }
}
