/* What stands in a folder of the hand's, a file each: read at start, and again only what has changed since.
 * Rights: the shares clerk; reads the hand's files. */
#include "daemons/shares/clerk/kept.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { FILE_MAX = 64 * 1024, SETTLED_US = 100 * 1000 };

static struct kept *first;

void kept_prepare(struct kept *kept, int folder)
{
        ASSERT(kept && kept->read && kept->title && folder >= 0);
        kept->folder = folder;
        for (const struct kept *one = first; one; one = one->next)
                if (one == kept)
                        return;
        kept->next = first;
        first = kept;
}

static void touch(struct kept *kept, const char *name)
{
        kept->followed = true;
        for (size_t i = 0; name && i < kept->touched_count; i++)
                if (strcmp(kept->touched[i], name) == 0)
                        return;
        if (!name || kept->touched_count == KEPT_TOUCHED_MAX || strlen(name) >= KEPT_NAME_SIZE)
                kept->whole = true;
        else
                snprintf(kept->touched[kept->touched_count++], KEPT_NAME_SIZE, "%s", name);
}

void kept_touched(const char *name)
{
        for (struct kept *kept = first; kept; kept = kept->next)
                touch(kept, name);
}

char *kept_text(const struct kept *kept, const char *file, struct arena *arena)
{
        ASSERT(kept && file && arena);
        return file_text_below(kept->folder, file, FILE_MAX, arena);
}

static int64_t changed_us(const struct stat *status)
{
        return (int64_t)status->st_mtim.tv_sec * 1000000 + status->st_mtim.tv_nsec / 1000;
}

static struct kept_file read_one(const struct kept *kept, const char *name, const struct stat *status)
{
        struct kept_file file = {.arena = arena_new(),
                                 .changed_us = changed_us(status),
                                 .inode = status->st_ino,
                                 .settled = clock_real_us() - changed_us(status) > SETTLED_US};
        char *changed = arena_alloc(file.arena, RFC3339_SIZE), *text = kept_text(kept, name, file.arena);
        void *one = arena_alloc(file.arena, kept->size);
        clock_format(file.changed_us / 1000000 * 1000000, changed);
        file.name = arena_text(file.arena, name, strlen(name));
        file.changed_at = changed;
        file.one = text && kept->read(file.name, text, &file, one) ? one : NULL;
        if (!file.one)
                log_warn("%s %s: its file makes no sense", kept->what, name);
        return file;
}

static int by_name(const void *a, const void *b)
{
        const struct kept_file *left = a, *right = b;
        return strcmp(left->name, right->name);
}

/* What was read right after it had been written may have been written again within the same tick of the clock, and
 * numbers of files are given anew. */
static bool is_same(const struct kept_file *file, const struct stat *status)
{
        return file->settled && file->inode == status->st_ino && file->changed_us == changed_us(status);
}

/* Where it stands among the files, or would. */
static size_t place_of(const struct kept *kept, const char *name)
{
        size_t low = 0, high = kept->file_count;
        while (low < high) {
                const size_t middle = low + (high - low) / 2;
                if (strcmp(kept->files[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* What is known of a file stays known while it is the same file. */
static struct kept_file take_over(struct kept *kept, const char *name, const struct stat *status)
{
        const size_t at = place_of(kept, name);
        struct kept_file *known = at < kept->file_count ? &kept->files[at] : NULL;
        if (!known || strcmp(known->name, name) != 0 || !known->arena || !is_same(known, status))
                return read_one(kept, name, status);
        struct kept_file same = *known;
        known->arena = NULL;
        return same;
}

static int by_words(const char *left, const char *right)
{
        const int order = strcasecmp(left, right);
        return order != 0 ? order : strcmp(left, right);
}

static int by_title(const void *a, const void *b, void *context)
{
        const struct kept *kept = context;
        return by_words(kept->title(*(const void *const *)a), kept->title(*(const void *const *)b));
}

static void show(struct kept *kept)
{
        free(kept->list);
        kept->list = mem_new(kept->file_count + 1, sizeof(*kept->list));
        kept->count = 0;
        for (size_t i = 0; i < kept->file_count; i++)
                if (kept->files[i].one)
                        kept->list[kept->count++] = kept->files[i].one;
        qsort_r(kept->list, kept->count, sizeof(*kept->list), by_title, kept);
}

static bool is_there(const struct kept *kept, const char *name, struct stat *ret_status)
{
        return name[0] != '.' && fstatat(kept->folder, name, ret_status, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISREG(ret_status->st_mode);
}

static void read_all(struct kept *kept)
{
        CLEANUP(listing_closep) DIR *listing = file_list(kept->folder);
        struct kept_file *fresh = mem_new(kept->most, sizeof(*fresh));
        size_t count = 0;
        for (struct dirent *entry; listing && count < kept->most && (entry = readdir(listing));) {
                struct stat status;
                if (is_there(kept, entry->d_name, &status))
                        fresh[count++] = take_over(kept, entry->d_name, &status);
        }
        for (size_t i = 0; i < kept->file_count; i++)
                arena_free(kept->files[i].arena);
        free(kept->files);
        qsort(fresh, count, sizeof(*fresh), by_name);
        kept->files = fresh;
        kept->file_count = count;
}

static void read_again(struct kept *kept, const char *name)
{
        struct stat status;
        const size_t at = place_of(kept, name);
        struct kept_file *file = &kept->files[at];
        const bool known = at < kept->file_count && strcmp(file->name, name) == 0,
                   there = is_there(kept, name, &status) && (known || kept->file_count < kept->most);
        if (known)
                arena_free(file->arena);
        if (there != known)
                memmove(file + there, file + known, (kept->file_count - at - known) * sizeof(*file));
        if (there)
                *file = read_one(kept, name, &status);
        kept->file_count = kept->file_count + there - known;
}

void kept_reload(struct kept *kept)
{
        ASSERT(kept);
        if (kept->followed && !kept->whole && kept->touched_count == 0)
                return;
        if (!kept->files || !kept->followed || kept->whole)
                read_all(kept);
        else
                for (size_t i = 0; i < kept->touched_count; i++)
                        read_again(kept, kept->touched[i]);
        kept->whole = false;
        kept->touched_count = 0;
        show(kept);
}

const void *kept_titled(const struct kept *kept, const char *title)
{
        ASSERT(kept && title);
        size_t low = 0, high = kept->count;
        while (low < high) {
                const size_t middle = low + (high - low) / 2;
                if (strcasecmp(kept->title(kept->list[middle]), title) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < kept->count && strcasecmp(kept->title(kept->list[low]), title) == 0 ? kept->list[low] : NULL;
}

struct kept_page kept_page(const struct kept *kept, const char *behind, size_t most)
{
        ASSERT(kept && most > 0);
        size_t low = 0, high = behind ? kept->count : 0;
        while (low < high) {
                const size_t middle = low + (high - low) / 2;
                if (by_words(kept->title(kept->list[middle]), behind) <= 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        const size_t rest = kept->count - low;
        return (struct kept_page){.first = low, .count = rest < most ? rest : most, .more = rest > most};
}
