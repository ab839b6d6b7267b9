/// Signals, the wake-up and the crash handler.
///
/// Handlers only count and write to an eventfd. ncurses' own would not do: a signal lands on any thread, so it would
/// not interrupt our poll, and its SIGINT handler exits past everything.
#include "terminal_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/// Ending signals nobody has looked at, after which the process is ended from the handler itself.
enum { UNSEEN_END_SIGNALS_MAX = 3 };

static atomic_int wake_fd = -1;
static atomic_uint resizes, resumes, terminates, interrupts, hangups, unseen_ends;
static atomic_bool armed, crashed;
static bool gone;
static int empty_reads;

static const int watched[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGINT, SIGHUP};
static const int crashes[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT, SIGSYS};
enum { WATCHED = sizeof watched / sizeof *watched, CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction watched_before[WATCHED], crashes_before[CRASHES];

static struct termios modes_before;
static char restore[1024], crash_line[1024];
static int restore_count, crash_line_count, output_before = -1, error_before = -1;
/// What ncurses writes to, and what swallows all that is written to it.
static int drawn_on = -1, nowhere = -1;
static char alternate_stack[64 * 1024];

void berth_term_wake(void) {
    int fd = atomic_load(&wake_fd);
    uint64_t one = 1;
    // A full counter is as good as a wake-up, so a failed write loses nothing.
    if (fd >= 0) (void)!write(fd, &one, sizeof one);
}

/// Gives the terminal back using nothing but async-signal-safe calls.
static void restore_now(void) {
    if (!atomic_exchange(&armed, false)) return;
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &block, NULL);
    // The terminal's thread may be drawing, and would go on with that on a screen that is not ours any more.
    if (nowhere >= 0 && drawn_on >= 0) dup2(nowhere, drawn_on);
    (void)!write(output_before, restore, (size_t)restore_count);
    tcsetattr(output_before, TCSANOW, &modes_before);
    dup2(output_before, STDOUT_FILENO);
    if (error_before >= 0) dup2(error_before, STDERR_FILENO);
}

static void end_now(int signo) {
    tcflush(output_before, TCOFLUSH);
    restore_now();
    signal(signo, SIG_DFL);
    raise(signo);
}

static void on_signal(int signo) {
    int saved = errno;
    switch (signo) {
    case SIGWINCH: atomic_fetch_add(&resizes, 1); break;
    case SIGCONT: atomic_fetch_add(&resumes, 1); break;
    // Stopping would freeze the registry that serves behind this screen.
    case SIGTSTP: break;
    default:
        atomic_fetch_add(signo == SIGTERM ? &terminates : signo == SIGINT ? &interrupts : &hangups, 1);
        if (atomic_fetch_add(&unseen_ends, 1) + 1 >= UNSEEN_END_SIGNALS_MAX) end_now(signo);
    }
    berth_term_wake();
    errno = saved;
}

static void on_crash(int signo, siginfo_t *info, void *context) {
    (void)context;
    if (!atomic_exchange(&crashed, true) && atomic_load(&armed)) {
        restore_now();
        (void)!write(STDERR_FILENO, crash_line, (size_t)crash_line_count);
    }
    // Back to whoever was there before us, such as the Swift runtime's backtracer. A fault happens again when the
    // handler returns; what another process or abort(3) sent does not, nor does a trap, so that is raised again.
    for (int i = 0; i < CRASHES; i++)
        if (crashes[i] == signo) sigaction(signo, &crashes_before[i], NULL);
    if (info != NULL && info->si_code > 0 && signo != SIGTRAP) return;
    raise(signo);
    // Whoever that was has come back and left the end to us: a program without its screen must not go on.
    signal(signo, SIG_DFL);
    raise(signo);
}

void berth_signals_install(void) {
    if (atomic_load(&wake_fd) < 0) atomic_store(&wake_fd, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    atomic_store(&crashed, false);
    atomic_store(&unseen_ends, 0);
    gone = false;
    empty_reads = 0;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = on_signal;
    for (int i = 0; i < WATCHED; i++) {
        sigaction(watched[i], NULL, &watched_before[i]);
        // nohup(1) means it: a hang-up that was ignored stays ignored.
        if (watched[i] == SIGHUP && watched_before[i].sa_handler == SIG_IGN) continue;
        sigaction(watched[i], &action, NULL);
    }
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
        // A stack overflow on this thread leaves no room for a handler on its own stack.
        memset(&stack, 0, sizeof stack);
        stack.ss_sp = alternate_stack;
        stack.ss_size = sizeof alternate_stack;
        sigaltstack(&stack, NULL);
    }
    sigemptyset(&action.sa_mask);
    // What is raised in the handler is dealt with there and then.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    action.sa_sigaction = on_crash;
    for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &action, &crashes_before[i]);
}

void berth_signals_remove(void) {
    for (int i = 0; i < WATCHED; i++) sigaction(watched[i], &watched_before[i], NULL);
    for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &crashes_before[i], NULL);
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && stack.ss_sp == alternate_stack) {
        memset(&stack, 0, sizeof stack);
        stack.ss_flags = SS_DISABLE;
        sigaltstack(&stack, NULL);
    }
}

static void append_line(const char *text) {
    size_t room = sizeof crash_line - (size_t)crash_line_count, length = strlen(text);
    if (length > room) length = room;
    memcpy(crash_line + crash_line_count, text, length);
    crash_line_count += (int)length;
}

void berth_crash_prepare(
    const struct termios *modes, const char *bytes, int count, int saved_output, int saved_error, int stream,
    const char *log_path) {
    if (nowhere < 0) nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    drawn_on = stream;
    modes_before = *modes;
    restore_count = count < (int)sizeof restore ? count : (int)sizeof restore;
    memcpy(restore, bytes, (size_t)restore_count);
    output_before = saved_output;
    error_before = saved_error;
    crash_line_count = 0;
    append_line("\nberth crashed");
    if (log_path != NULL) {
        append_line("; log: ");
        append_line(log_path);
    }
    append_line("\n");
}

static void restore_at_exit(void) { restore_now(); }

void berth_crash_arm(bool arm) {
    static bool registered;
    if (arm && !registered) registered = atexit(restore_at_exit) == 0;
    atomic_store(&armed, arm);
}

bool berth_crash_is_armed(void) { return atomic_load(&armed); }

void berth_term_wait(int timeout_ms) {
    struct pollfd fds[2] = {{gone ? -1 : STDIN_FILENO, POLLIN, 0}, {atomic_load(&wake_fd), POLLIN, 0}};
    if (poll(fds, 2, timeout_ms) <= 0) return;
    uint64_t count;
    if (fds[1].revents) (void)!read(fds[1].fd, &count, sizeof count);
    if (gone || fds[0].revents == 0) return;
    int waiting = 0;
    bool is_readable = ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting > 0;
    // Readable without a byte is the end of input; said often enough, it is the end of the terminal.
    empty_reads = is_readable ? 0 : empty_reads + 1;
    if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) || empty_reads > 100) {
        gone = true;
        atomic_fetch_add(&hangups, 1);
    }
}

bool berth_term_is_gone(void) { return gone; }

bool berth_signals_end_pending(void) {
    return atomic_load(&terminates) + atomic_load(&interrupts) + atomic_load(&hangups) > 0;
}

berth_term_signals berth_term_take_signals(void) {
    atomic_store(&unseen_ends, 0);
    return (berth_term_signals){
        .resize = atomic_exchange(&resizes, 0),
        .resume = atomic_exchange(&resumes, 0),
        .terminate = atomic_exchange(&terminates, 0),
        .interrupt = atomic_exchange(&interrupts, 0),
        .hangup = atomic_exchange(&hangups, 0),
    };
}
