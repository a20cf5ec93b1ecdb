/* Pretends a kernel with version 4 of Landlock (Linux 6.7): only the question for the version is answered differently. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VERSION_QUESTION 1 /* LANDLOCK_CREATE_RULESET_VERSION */

long syscall(long number, ...) {
    va_list words;
    long a[6], result;
    va_start(words, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(words, long);
    va_end(words);
    if (number == SYS_landlock_create_ruleset && a[0] == 0 && a[2] == VERSION_QUESTION) return 4;
#if defined(__x86_64__)
    register long d __asm__("r10") = a[3];
    register long e __asm__("r8") = a[4];
    register long f __asm__("r9") = a[5];
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(d), "r"(e), "r"(f)
                     : "rcx", "r11", "memory");
#else
#error "only written for x86_64"
#endif
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}
