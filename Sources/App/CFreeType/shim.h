#include <ft2build.h>
#include FT_FREETYPE_H

/* Macros of FreeType that Swift does not import. */
static const FT_Int32 POS_LOAD_GREY = FT_LOAD_RENDER;
static const FT_Int32 POS_LOAD_BINARY = FT_LOAD_RENDER | FT_LOAD_TARGET_MONO;
