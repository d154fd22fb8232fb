#define _GNU_SOURCE
#include "CPOSLinux.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum { entry_size = 16384, group_limit = 1024 };

void pos_user_name(uint32_t user, char *out, size_t capacity) {
  char buffer[entry_size];
  struct passwd entry, *found = NULL;
  if (getpwuid_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found)
    snprintf(out, capacity, "%s", found->pw_name);
  else
    snprintf(out, capacity, "%u", (unsigned)user);
}

void pos_group_name(uint32_t group, char *out, size_t capacity) {
  char buffer[entry_size];
  struct group entry, *found = NULL;
  if (getgrgid_r(group, &entry, buffer, sizeof buffer, &found) == 0 && found)
    snprintf(out, capacity, "%s", found->gr_name);
  else
    snprintf(out, capacity, "%u", (unsigned)group);
}

static int contains(const gid_t *groups, int count, gid_t group) {
  for (int index = 0; index < count; index++)
    if (groups[index] == group) return 1;
  return 0;
}

int pos_group_membership(uint32_t group) {
  gid_t groups[group_limit];
  if (getegid() == group || contains(groups, getgroups(group_limit, groups), group)) return 2;
  char buffer[entry_size];
  struct passwd entry, *found = NULL;
  if (getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) != 0 || !found) return 0;
  int count = group_limit;
  if (getgrouplist(found->pw_name, found->pw_gid, groups, &count) < 0) return 0;
  return contains(groups, count, group);
}
