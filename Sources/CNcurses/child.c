/// Other programs: the user's shell on the terminal, and a program that is fed a text.
#include "terminal_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
    SHELL_POLL_MS = 50,       ///< How soon the end of a shell is noticed.
    HANGUP_GRACE_MS = 1000,   ///< What a shell gets between SIGHUP and SIGKILL.
};

/// A new process group with default signals: nothing of how this process treats signals is inherited.
static int spawn(pid_t *pid, const char *program, char *const *arguments, const posix_spawn_file_actions_t *actions) {
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
        POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    int error = posix_spawnp(pid, program, actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static int exit_status(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Moves the terminal to another process group, also from the background.
static void give_terminal(pid_t group) {
    sigset_t block, before;
    sigemptyset(&block);
    sigaddset(&block, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &block, &before);
    tcsetpgrp(STDIN_FILENO, group);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/// Waits for a shell that has the terminal; one that stops itself is brought back, or nobody could ever continue it.
static int wait_for_shell(pid_t pid) {
    int status = 0, grace = -1;
    for (;;) {
        pid_t done = waitpid(pid, &status, WNOHANG | WUNTRACED);
        if (done < 0 && errno != EINTR) return 0;
        if (done == pid && WIFSTOPPED(status)) {
            give_terminal(pid);
            kill(-pid, SIGCONT);
        } else if (done == pid) {
            return exit_status(status);
        }
        struct timespec nap = {0, SHELL_POLL_MS * 1000000L};
        nanosleep(&nap, NULL);
        if (grace < 0 && berth_signals_end_pending()) {
            kill(-pid, SIGHUP);
            kill(-pid, SIGCONT);
            grace = HANGUP_GRACE_MS;
        } else if (grace > 0 && (grace -= SHELL_POLL_MS) <= 0) {
            kill(-pid, SIGKILL);
        }
    }
}

int berth_term_shell(const char *notice, int *status) {
    const char *shell = getenv("SHELL");
    if (shell == NULL || *shell == '\0') shell = "/bin/sh";
    char *const arguments[] = {(char *)shell, NULL};
    int terminal = berth_screen_fd();
    if (terminal < 0) return EBADF;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, terminal, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, terminal, STDERR_FILENO);
    berth_screen_suspend();
    dprintf(terminal, "%s\n", notice);
    pid_t pid = 0;
    int error = spawn(&pid, shell, arguments, &actions);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0) {
        give_terminal(pid);
        // A shell that looked before it had the terminal has stopped itself.
        kill(-pid, SIGCONT);
        *status = wait_for_shell(pid);
        give_terminal(getpgrp());
    }
    berth_screen_resume();
    return error;
}

static long milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

/// Sends everything before `deadline`; a reader that goes away is an error and not a SIGPIPE.
static bool send_all(int fd, const char *bytes, int count, long deadline) {
    while (count > 0) {
        ssize_t sent = send(fd, bytes, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            count -= (int)sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
        long left = deadline - milliseconds_now();
        struct pollfd writable = {fd, POLLOUT, 0};
        if (left <= 0 || poll(&writable, 1, (int)left) == 0) return false;
    }
    return true;
}

int berth_term_pipe(const char *program, const char *const *arguments, const char *bytes, int count, int timeout_ms) {
    long deadline = milliseconds_now() + timeout_ms;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    pid_t pid = 0;
    int error = spawn(&pid, program, (char *const *)arguments, &actions);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    bool sent = error == 0 && send_all(ends[0], bytes, count, deadline);
    close(ends[0]);
    if (error != 0) return -1;
    int status = 0;
    bool killed = false;
    for (;;) {
        pid_t done = waitpid(pid, &status, killed ? 0 : WNOHANG);
        if (done == pid) return sent && !killed ? exit_status(status) : -1;
        if (done < 0 && errno != EINTR) return -1;
        if (milliseconds_now() >= deadline) killed = kill(pid, SIGKILL) == 0;
        struct timespec nap = {0, 2000000L};
        nanosleep(&nap, NULL);
    }
}
