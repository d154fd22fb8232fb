// What Swift cannot say to Linux by itself: function-like macros, variadic calls and GNU extensions.
//
// Every function that can fail returns 0 or more, or a negated error number. None of them keeps a pointer.
#ifndef CPOSLINUX_H
#define CPOSLINUX_H

#include <stddef.h>
#include <stdint.h>

// --- Threads -------------------------------------------------------------------------------------------------

/// Starts a detached thread with all signals blocked, so that an application's handlers run on its own threads.
/// `name` has at most 15 characters.
int pos_thread_start(const char *_Nonnull name, void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

// --- Interrupting a thread that blocks: SIGURG ---------------------------------------------------------------

/// The kernel's number of the calling thread.
int pos_thread_id(void);
/// Makes SIGURG, which does nothing by itself, interrupt calls that block. Leaves an application's handler alone.
int pos_prepare_interrupts(void);
/// Lets the calling thread be interrupted, or not any more.
void pos_admit_interrupts(int on);
/// Interrupts a thread of this process; one that does not admit it is interrupted once it does.
int pos_interrupt_thread(int thread);

// --- Waiting: epoll(7), eventfd(2), CLOCK_MONOTONIC ----------------------------------------------------------

typedef struct {
  uint64_t key;
  int readable;
  int writable;
} pos_readiness;

int64_t pos_monotonic_nanoseconds(void);
int pos_epoll_create(void);
/// Watches `fd`, edge-triggered, for input; with `writable` also for room to write.
int pos_epoll_add(int epoll, int fd, uint64_t key);
int pos_epoll_add_writable(int epoll, int fd, uint64_t key);
int pos_epoll_remove(int epoll, int fd);
/// Adds the wake-up descriptor, level-triggered, with key 0.
int pos_epoll_add_wake(int epoll, int wake);
/// Waits up to `milliseconds` (-1: for ever) and stores at most `capacity` (up to 64) events.
int pos_epoll_wait(int epoll, pos_readiness *_Nonnull events, int capacity, int milliseconds);
/// A pipe's end that gets one byte each time somebody wants the process to stop (SIGINT); one for the whole process.
/// `pos_interrupts_restore` lets such a signal end the process again.
int pos_interrupts_open(void);
void pos_interrupts_restore(void);
int pos_eventfd_create(void);
void pos_eventfd_signal(int wake);
void pos_eventfd_clear(int wake);

// --- Files ---------------------------------------------------------------------------------------------------

enum pos_file_kind { pos_file_other, pos_file_regular, pos_file_pipe, pos_file_socket };

/// open(2) with O_CLOEXEC.
int pos_open(const char *_Nonnull path, int flags, unsigned mode);
int pos_file_kind_of(int fd);
int pos_set_nonblocking(int fd);
/// Takes the whole file for this process; -EWOULDBLOCK when another one has it. Ends with the descriptor.
int pos_lock_exclusively(int fd);
/// Gives it back, whoever else has a copy of the descriptor.
int pos_unlock(int fd);
long pos_read(int fd, void *_Nonnull buffer, size_t count);
/// write(2) that never raises SIGPIPE; `kind` is that of the descriptor.
long pos_write(int fd, const void *_Nonnull buffer, size_t count, int kind);
/// The words for an error number, in English.
const char *_Nonnull pos_error_text(int number);

// --- Serial ports and pseudo-terminals: termios2, tty_ioctl(4), pty(7) ---------------------------------------

enum pos_flow { pos_flow_none, pos_flow_lines, pos_flow_characters };
/// Makes the line raw: no echo, no translation, reads return what there is.
/// `parity` is 'N', 'E' or 'O', `flow` RTS/CTS or XON/XOFF from the device. -EINVAL when the driver does not take the speed.
int pos_serial_configure(int fd, uint32_t baud, int data_bits, char parity, int stop_bits, int flow);
/// Drops what is waiting in both directions.
int pos_serial_flush(int fd);
/// Bytes that were written and have not left the kernel.
int pos_serial_unsent(int fd);
/// Waits until the last bit has left; -EINTR when it was interrupted. Blocks, for ever on some adapters.
int pos_serial_drain(int fd);
/// Keeps others from opening the port. Does nothing to a pseudo-terminal, where the flag would outlive us.
int pos_serial_claim(int fd);
/// Asks the driver not to hold back input; FTDI adapters otherwise wait 16 ms.
int pos_serial_low_latency(int fd);
/// Which modem lines are on: 1 or 0 each.
typedef struct {
  int dtr, rts, cts, dsr, dcd;
} pos_modem_lines;
int pos_modem_get(int fd, pos_modem_lines *_Nonnull out);
/// Switches DTR and RTS: 1 on, 0 off, -1 as it is.
int pos_modem_set(int fd, int dtr, int rts);
/// Opens a pseudo-terminal, makes it raw, and stores the other end and its path.
int pos_pty_open(int *_Nonnull other_end, char *_Nonnull path, size_t capacity);

// --- Sockets -------------------------------------------------------------------------------------------------

typedef struct {
  uint8_t bytes[128];
  uint32_t length;
} pos_socket_address;

/// Stores up to `capacity` addresses for a host and returns how many, or a negated getaddrinfo(3) code.
/// Blocks unless `numeric`.
int pos_resolve(const char *_Nonnull host, uint16_t port, int numeric, pos_socket_address *_Nonnull out, int capacity);
const char *_Nonnull pos_resolve_error_text(int code);
/// The address of a local socket; -ENAMETOOLONG when the path does not fit.
int pos_local_address(const char *_Nonnull path, pos_socket_address *_Nonnull out);
/// A non-blocking stream socket of the address's family.
int pos_tcp_socket(const pos_socket_address *_Nonnull address);
/// No delay, and probes that find a dead connection within a minute.
void pos_tcp_tune(int fd);
/// A non-blocking local socket that keeps packets whole, for its owner only.
int pos_packet_socket(void);
int pos_connect(int fd, const pos_socket_address *_Nonnull address);
int pos_bind_and_listen(int fd, const pos_socket_address *_Nonnull address);
/// The port a TCP socket is bound to.
int pos_local_port(int fd);
int pos_accept(int listener);
int pos_shutdown_writing(int fd);
/// Bytes of a TCP connection that the other side has not acknowledged.
int pos_unacknowledged(int fd);
/// Ends both directions; nobody connects to a listener any more.
int pos_shutdown(int fd);
/// Whether the other end of a socket is on another machine's stack, or at least may be.
int pos_is_network_socket(int fd);
/// Receives one packet and returns its whole length, which may exceed `capacity`.
long pos_receive_packet(int fd, void *_Nonnull buffer, size_t capacity);
/// Two local stream sockets that are connected to each other.
int pos_stream_pair(int *_Nonnull one, int *_Nonnull other);
/// A non-blocking socket that receives the kernel's news of devices, one packet each.
int pos_kernel_events(void);

// --- Printer nodes: usblp, whose calls must block to be told the truth ------------------------------------------

/// One write(2), -EINTR when it was interrupted.
long pos_write_interruptibly(int fd, const void *_Nonnull buffer, size_t count);
int pos_set_blocking(int fd);
enum pos_input { pos_input_wake = 1, pos_input_ready = 2, pos_input_gone = 4 };
/// Waits up to `milliseconds` (-1: for ever) for input from `fd` or `wake` (-1: none) and says for which.
int pos_wait_input(int fd, int wake, int milliseconds);
/// Waits up to `milliseconds` until the device has been pulled out; 1 when it has, else 0.
int pos_wait_gone(int fd, int milliseconds);
/// LPGETSTATUS: the printer's port status, one byte. Blocks while the printer thinks.
int pos_printer_status(int fd);
/// LPIOC_GET_DEVICE_ID: stores the id, its length in front, and returns how many bytes there are at most.
int pos_printer_id(int fd, uint8_t *_Nonnull out, size_t capacity);

// --- Raw HID nodes: linux/hidraw.h ---------------------------------------------------------------------------

/// Stores the report descriptor, up to 4096 bytes, and returns its length.
int pos_hidraw_descriptor(int fd, uint8_t *_Nonnull out);
/// Sends a feature report, number first. Blocks.
int pos_hidraw_set_feature(int fd, const uint8_t *_Nonnull report, size_t count);
/// Asks for the feature report whose number is in the first byte; returns its length, number included. Blocks.
int pos_hidraw_get_feature(int fd, uint8_t *_Nonnull report, size_t capacity);
/// Stores where `/sys/dev/char` has a node of characters: `243:0`.
int pos_node_number(int fd, char *_Nonnull out, size_t capacity);

// --- Keys as the kernel sees them: linux/input.h ----------------------------------------------------------------

typedef struct {
  uint16_t type;
  uint16_t code;
  int32_t value;
} pos_input_event;

/// Keeps everybody else from the device's events, or gives them back. -EBUSY when another process does.
int pos_input_grab(int fd, int on);
/// 1 while a key is held down.
int pos_input_key_is_down(int fd);
/// 1 while the Caps Lock lamp is lit, 0 while it is dark, -ENODEV where the device has none.
int pos_input_caps_lock_lamp(int fd);
/// Stores up to `capacity` (64 at most) events and returns how many.
long pos_input_read(int fd, pos_input_event *_Nonnull out, size_t capacity);

// --- Users and groups: passwd(5), group(5) --------------------------------------------------------------------

/// Stores the name of a user or a group, or its number where it has no name.
void pos_user_name(uint32_t user, char *_Nonnull out, size_t capacity);
void pos_group_name(uint32_t group, char *_Nonnull out, size_t capacity);
/// 2 when this process belongs to the group, 1 when only its user does by now, else 0.
int pos_group_membership(uint32_t group);

// --- Claims: flock(2), unix(7) -------------------------------------------------------------------------------

/// The address of a local socket without a file, which ends with its owner.
int pos_abstract_address(const char *_Nonnull name, pos_socket_address *_Nonnull out);
/// The process at the other end of a local socket, when it connected or began to listen.
int pos_peer_process(int fd);

#endif
