/* The compiled form of a pattern. */
#ifndef FEEL_REGEX_INNER_H
#define FEEL_REGEX_INNER_H

#include "feel/regex.h"

enum op {
    OP_CHAR, /* point */
    OP_ANY,  /* all but line ends */
    OP_ALL,  /* "." with flag s */
    OP_SET,
    OP_SPLIT, /* Try `to` first, then `other`; both relative. */
    OP_JUMP,
    OP_SAVE, /* slot */
    OP_BEGIN,
    OP_END,
    OP_BACK, /* The text of group `slot` again. */
    OP_MATCH,
};

struct instruction {
    enum op op;
    union {
        uint32_t point;
        int slot;
        const struct set *set;
        struct {
            int to, other;
        };
    };
};

enum set_kind {
    SET_RANGE, /* Characters that the pattern names: flag i adds their other cases. */
    SET_BLOCK,
    SET_CATEGORY,
    SET_SPACE,
    SET_WORD,
    SET_NAME,
    SET_NAME_START
};

struct set_item {
    enum set_kind kind;
    bool negated;
    uint32_t low, high; /* SET_CATEGORY: the letters; 0 stands for any second one. */
};

struct set {
    bool negated;
    const struct set_item *items;
    size_t count;
    const struct set *minus;
};

struct matcher;

struct regex {
    struct instruction *program;
    size_t count;
    size_t groups;
    bool fold, all, lines, back;
    struct matcher *matcher; /* Of the text searched last: searching on is cheap. */
};

bool regex_set_holds(const struct set *set, uint32_t point, bool fold);

#endif
