/*
 * Loaded into the Chromium of the flow tests (LD_PRELOAD), so that it does not hear of network interfaces.
 *
 * On Linux, Chromium takes every address that appears or goes for a change of the network, and fails all requests that
 * still wait for a connection with ERR_NETWORK_CHANGED, those to localhost included. Docker makes and removes interfaces
 * whenever a workspace comes or goes. The app repeats what may be repeated, which tests of its own show; a navigation is
 * a person's to repeat.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol) {
  static int (*real)(int, int, int);
  if (domain == AF_NETLINK) {
    errno = EAFNOSUPPORT;
    return -1;
  }
  if (!real) real = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
  return real(domain, type, protocol);
}
