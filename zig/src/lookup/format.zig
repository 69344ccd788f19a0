//! The layout of `lookup.idx`, little-endian and mapped as it is:
//!
//!     header page   4,096 bytes: magic, hash of the page, version, spans of what follows
//!     body          sections, each aligned to 64 bytes; the records that describe them come last
//!     chunk hashes  Wyhash of each 1 MiB of the body
//!
//! Every byte of the file is under a hash, so that no damage goes unseen; the records say where
//! sections lie and are checked against the body's limits before anything follows them.
const std = @import("std");
const builtin = @import("builtin");

comptime {
    std.debug.assert(builtin.cpu.arch.endian() == .little);
}

pub const magic = "PARTLKUP";
pub const version: u32 = 2;
pub const header_bytes = 4096;
pub const chunk_bytes = 1 << 20;
pub const section_alignment = 64;

/// A vector of 64 codes may be read from any row; so many bytes of slack follow each section.
pub const slack_bytes = 64 * @sizeOf(u32);

pub const rows_max = std.math.maxInt(u32) - 64;
pub const columns_max = 64;
/// Longer texts are refused when the index is built, so that a query's text fits a small buffer.
pub const text_bytes_max = 1000;

/// A byte of a text as texts are compared: without regard to case (ASCII), and to whether words
/// are parted by a space, a hyphen or an underscore.
pub fn foldByte(byte: u8) u8 {
    return switch (byte) {
        ' ', '-' => '_',
        else => std.ascii.toLower(byte),
    };
}

/// A section's place in the file.
pub const Span = extern struct {
    offset: u64 = 0,
    length_bytes: u64 = 0,
};

pub const Header = extern struct {
    magic: [8]u8 = magic.*,
    /// Wyhash of the rest of the header page.
    page_hash: u64 = 0,
    version: u32 = version,
    family_count: u32 = 0,
    column_count: u32 = 0,
    reserved: u32 = 0,
    file_bytes: u64 = 0,
    body_end: u64 = 0,
    schema: Span = .{},
    families: Span = .{},
    columns: Span = .{},
    chunk_hashes: Span = .{},
    /// Wyhash of the chunk hashes.
    chunk_hashes_hash: u64 = 0,
};

/// One family's rows, in rank order: preferred, basic, stock downward, lcsc_id upward.
pub const FamilyRecord = extern struct {
    rows: u64 = 0,
    /// Its columns among all: the package first, then those of the schema in order.
    column_first: u32 = 0,
    column_count: u32 = 0,
    /// Where each of the four groups (preferred and basic; preferred; basic; neither) ends.
    group_ends: [4]u64 = @splat(0),
    /// i64 a row.
    stock: Span = .{},
    /// u64 a row and one more: where each row's candidate begins within `candidates`.
    candidate_starts: Span = .{},
    /// Each row's candidate as JSON, a comma after each. It ends with the price of one piece.
    candidates: Span = .{},
    /// Distinct prices of one piece; a price's code is its place among them, from 0, and the code
    /// after the last means that no price is known.
    price_count: u64 = 0,
    /// u32 a code, the unknown one too, and one more: offsets into `price_text`.
    price_offsets: Span = .{},
    /// Prices as JSON.
    price_text: Span = .{},
    /// u32 a row and one more: where each row's tiers begin within `tiers`.
    tier_starts: Span = .{},
    /// `Tier` each, by quantity within a row.
    tiers: Span = .{},
    /// For each of `price_bands`, u32 a row: rows by their lowest price in the band, then by rank.
    price_orders: Span = .{},
};

/// From so many pieces on, one of them costs the price of this code.
pub const Tier = extern struct { quantity: u32, code: u32 };

/// Quantities at which a band ends and the next begins; the last band has no end. Within a band
/// few prices change, so that the order by the lowest of them is nearly that at each quantity.
pub const price_bands = [_]u32{ 10, 50, 100, 500, 1000, 5000, 10000 };
pub const price_band_count = price_bands.len + 1;

pub const Kind = enum(u32) { real = 0, text = 1, _ };

/// One column. A value is stored as its code: its place in the sorted dictionary, from 1; 0 is
/// NULL. A range of values is then a range of codes, and every kind of filter is the same.
pub const ColumnRecord = extern struct {
    kind: Kind = .real,
    /// Bytes a code: 1, 2 or 4.
    code_bytes: u32 = 0,
    distinct: u32 = 0,
    /// A range on this column is a range on two others, of this family, or no_column.
    minimum_column: u32 = no_column,
    maximum_column: u32 = no_column,
    /// 1 where no row's minimum is above its maximum, so that each bound limits both columns.
    bounds_ordered: u32 = 0,
    /// real: f64 a value; text: u32 a value and one more, offsets into `text`.
    dictionary: Span = .{},
    /// Values folded (see foldByte), as they are compared.
    text: Span = .{},
    /// u32 a code and one more: where each code's rows begin within `postings`.
    starts: Span = .{},
    /// u32 a row that is not NULL: rows by code, then by rank.
    postings: Span = .{},
    /// Codes by row.
    codes: Span = .{},
    /// Codes in the order of the package's postings: each package's rows lie together.
    codes_by_package: Span = .{},
};

pub const no_column = std.math.maxInt(u32);

/// Bytes that a code needs where there are so many values.
pub fn codeBytes(distinct: u32) u32 {
    if (distinct <= std.math.maxInt(u8)) return 1;
    if (distinct <= std.math.maxInt(u16)) return 2;
    return 4;
}

pub fn hash(bytes: []const u8) u64 {
    return std.hash.Wyhash.hash(0, bytes);
}

/// The hash of a header page: of all but the magic and the hash itself.
pub fn pageHash(page: *const [header_bytes]u8) u64 {
    return hash(page[@offsetOf(Header, "version")..]);
}

test "codes leave room for NULL" {
    try std.testing.expectEqual(1, codeBytes(255));
    try std.testing.expectEqual(2, codeBytes(256));
    try std.testing.expectEqual(2, codeBytes(65535));
    try std.testing.expectEqual(4, codeBytes(65536));
}

test "the records have no hidden padding" {
    inline for (.{ Header, FamilyRecord, ColumnRecord }) |Record| {
        comptime var bytes = 0;
        inline for (@typeInfo(Record).@"struct".field_types) |Field| bytes += @sizeOf(Field);
        try std.testing.expectEqual(@sizeOf(Record), bytes);
    }
}
