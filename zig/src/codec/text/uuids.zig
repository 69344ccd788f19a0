//! UUIDs out of a text: random ones to their 16 bytes, those that our own footprints derive from
//! their content to nothing.
//!
//! How a footprint derives them is told in `components/cad/uuids.py`; a UUID that does not
//! follow from it stays as it is, so that any text comes back.
const std = @import("std");
const Sha256 = std.crypto.hash.sha2.Sha256;

pub const Error = error{ Damaged, OutOfMemory };

/// Stands for a random UUID (version 4, RFC 9562); its 122 bits are beside the text.
const random_mark = 1;
/// Stands for the clause ` (tstamp "UUID")` of an element that ends here.
const clause_mark = 2;
/// Stands for any other UUID; its 16 bytes are beside the text.
const other_mark = 3;

const uuid_length = 36;
const clause_start = " (tstamp \"";
const clause_end = "\")";
const clause_length = clause_start.len + uuid_length + clause_end.len;

pub const Stripped = struct {
    text: []const u8,
    /// Fifteen bytes of each random UUID, sixteen of each other one.
    uuids: []const u8,
    /// The last two bits of each random UUID, four in a byte.
    pairs: []const u8,
    /// How many UUIDs are random.
    randoms: usize,

    pub fn others(self: Stripped) usize {
        return (self.uuids.len - self.randoms * 15) / 16;
    }
};

/// How long `uuids` and `pairs` of a text are.
pub fn lengthsOf(randoms: usize, others: usize) [2]usize {
    return .{ randoms * 15 + others * 16, (randoms + 3) / 4 };
}

/// How much of the text a byte of the stripped text stands for.
pub fn restoredLength(byte: u8) usize {
    return switch (byte) {
        random_mark, other_mark => uuid_length,
        clause_mark => clause_length,
        else => 1,
    };
}

/// `input` without its UUIDs; null where it has none, or has the marks as text.
pub fn strip(arena: std.mem.Allocator, input: []const u8) Error!?Stripped {
    return stripBy(arena, input, .derive);
}

/// As `strip`, for text that need not come back: what looks like a derived UUID counts as one, since
/// a piece of a text does not tell the name that it is derived from.
pub fn stripPiece(arena: std.mem.Allocator, input: []const u8) Error!?Stripped {
    return stripBy(arena, input, .believe);
}

fn stripBy(arena: std.mem.Allocator, input: []const u8, how: enum { derive, believe }) Error!?Stripped {
    if (std.mem.findAny(u8, input, &.{ random_mark, clause_mark, other_mark }) != null) return null;
    var text: std.ArrayList(u8) = .empty;
    var uuids: std.ArrayList(u8) = .empty;
    var pairs: Pairs = .{ .arena = arena };
    var stamps = Stamps.init(arena, input);
    var line_start: usize = 0;
    var at: usize = 0;
    while (at < input.len) {
        const rest = input[at..];
        if (rest[0] == ' ' and isClause(rest)) {
            const count = try stamps.countOf(input[line_start..at]);
            const derived = stamps.derive(input[line_start..at], count.*);
            if (how == .believe or std.mem.eql(u8, &derived, rest[clause_start.len..][0..uuid_length])) {
                count.* += 1;
                try text.append(arena, clause_mark);
                at += clause_length;
                continue;
            }
        }
        if (at > 0 and !isHex(input[at - 1])) if (parseUuid(rest)) |raw| {
            if (isRandom(raw)) {
                try uuids.appendSlice(arena, &squeeze(raw));
                try pairs.append(@truncate(raw[8]));
                try text.append(arena, random_mark);
            } else {
                try uuids.appendSlice(arena, &raw);
                try text.append(arena, other_mark);
            }
            at += uuid_length;
            continue;
        };
        if (rest[0] == '\n') line_start = at + 1;
        try text.append(arena, rest[0]);
        at += 1;
    }
    if (text.items.len == input.len) return null;
    return .{ .text = text.items, .uuids = uuids.items, .pairs = pairs.list.items, .randoms = pairs.count };
}

/// Fills `output` with the text that `stripped` was; error.Damaged where it has another length.
pub fn restore(arena: std.mem.Allocator, stripped: Stripped, output: []u8) Error!void {
    var stamps = Stamps.init(arena, output[0..0]);
    var line_start: usize = 0;
    var at: usize = 0;
    var next: usize = 0;
    var randoms: usize = 0;
    for (stripped.text) |byte| {
        const left = output[at..];
        if (byte == random_mark or byte == other_mark) {
            const size: usize = if (byte == random_mark) 15 else 16;
            if (left.len < uuid_length or stripped.uuids.len - next < size) return error.Damaged;
            const stored = stripped.uuids[next..][0..size];
            if (byte == random_mark) {
                if (randoms / 4 >= stripped.pairs.len) return error.Damaged;
                const pair: u2 = @truncate(stripped.pairs[randoms / 4] >> @intCast(randoms % 4 * 2));
                left[0..uuid_length].* = printUuid(spread(stored[0..15].*, pair));
                randoms += 1;
            } else {
                left[0..uuid_length].* = printUuid(stored[0..16].*);
            }
            next += size;
            at += uuid_length;
        } else if (byte == clause_mark) {
            if (left.len < clause_length) return error.Damaged;
            stamps.name = nameOf(output[0..at]);
            const line = output[line_start..at];
            const count = try stamps.countOf(line);
            left[0..clause_start.len].* = clause_start.*;
            left[clause_start.len..][0..uuid_length].* = stamps.derive(line, count.*);
            left[clause_length - clause_end.len ..][0..clause_end.len].* = clause_end.*;
            count.* += 1;
            at += clause_length;
        } else {
            if (left.len == 0) return error.Damaged;
            left[0] = byte;
            at += 1;
            if (byte == '\n') line_start = at;
        }
    }
    if (at != output.len or next != stripped.uuids.len or randoms != stripped.randoms) return error.Damaged;
}

/// Two bits of each of many, four in a byte.
const Pairs = struct {
    arena: std.mem.Allocator,
    list: std.ArrayList(u8) = .empty,
    count: usize = 0,

    fn append(self: *Pairs, pair: u2) Error!void {
        if (self.count % 4 == 0) try self.list.append(self.arena, 0);
        self.list.items[self.count / 4] |= @as(u8, pair) << @intCast(self.count % 4 * 2);
        self.count += 1;
    }
};

fn isRandom(raw: [16]u8) bool {
    return raw[6] >> 4 == 4 and raw[8] >> 6 == 2;
}

/// A random UUID without the six bits that every one has, and without the lowest two of byte 8.
fn squeeze(raw: [16]u8) [15]u8 {
    var result: [15]u8 = undefined;
    result[0..6].* = raw[0..6].*;
    result[6] = (raw[6] << 4) | ((raw[8] >> 2) & 0x0f);
    result[7] = raw[7];
    result[8..15].* = raw[9..16].*;
    return result;
}

fn spread(stored: [15]u8, pair: u2) [16]u8 {
    var result: [16]u8 = undefined;
    result[0..6].* = stored[0..6].*;
    result[6] = 0x40 | (stored[6] >> 4);
    result[7] = stored[7];
    result[8] = 0x80 | ((stored[6] & 0x0f) << 2) | pair;
    result[9..16].* = stored[8..15].*;
    return result;
}

/// The UUIDs that a footprint derives for its elements.
const Stamps = struct {
    arena: std.mem.Allocator,
    name: []const u8,
    /// How often each line, by its digest, has been stamped.
    counts: std.AutoHashMapUnmanaged(u128, u32) = .empty,

    fn init(arena: std.mem.Allocator, input: []const u8) Stamps {
        return .{ .arena = arena, .name = nameOf(input) };
    }

    fn countOf(self: *Stamps, line: []const u8) Error!*u32 {
        var digest: [Sha256.digest_length]u8 = undefined;
        Sha256.hash(line, &digest, .{});
        const key = std.mem.readInt(u128, digest[0..16], .little);
        const entry = try self.counts.getOrPutValue(self.arena, key, 0);
        return entry.value_ptr;
    }

    /// `line` lacks its last parenthesis, which stands after the clause.
    fn derive(self: *const Stamps, line: []const u8, count: u32) [uuid_length]u8 {
        var buffer: [10]u8 = undefined;
        const digits = std.fmt.bufPrint(&buffer, "{d}", .{count}) catch unreachable;
        var hash = Sha256.init(.{});
        for ([_][]const u8{ self.name, "\n", line, ")\n", digits }) |piece| hash.update(piece);
        var digest: [Sha256.digest_length]u8 = undefined;
        hash.final(&digest);
        digest[6] = 0x80 | (digest[6] & 0x0f);
        digest[8] = 0x80 | (digest[8] & 0x3f);
        return printUuid(digest[0..16].*);
    }
};

/// What stands between the quotes of the first line.
fn nameOf(text: []const u8) []const u8 {
    const line = text[0 .. std.mem.findScalar(u8, text, '\n') orelse text.len];
    const start = (std.mem.findScalar(u8, line, '"') orelse return "") + 1;
    var at = start;
    while (at < line.len and line[at] != '"') at += if (line[at] == '\\') 2 else 1;
    return line[start..@min(at, line.len)];
}

fn isClause(text: []const u8) bool {
    return text.len > clause_length + 1 and
        std.mem.startsWith(u8, text, clause_start) and
        std.mem.eql(u8, text[clause_length - clause_end.len ..][0..clause_end.len], clause_end) and
        text[clause_length] == ')' and text[clause_length + 1] == '\n';
}

fn parseUuid(text: []const u8) ?[16]u8 {
    if (text.len < uuid_length) return null;
    if (text[8] != '-' or text[13] != '-' or text[18] != '-' or text[23] != '-') return null;
    var raw: [16]u8 = undefined;
    var at: usize = 0;
    for (&raw) |*byte| {
        // Only here, since a piece of a UUID may follow another.
        if (at == 8 or at == 13 or at == 18 or at == 23) at += 1;
        byte.* = (digitOf(text[at]) orelse return null) << 4 | (digitOf(text[at + 1]) orelse return null);
        at += 2;
    }
    return raw;
}

fn printUuid(raw: [16]u8) [uuid_length]u8 {
    var text: [uuid_length]u8 = undefined;
    var at: usize = 0;
    for (raw, 0..) |byte, index| {
        if (index == 4 or index == 6 or index == 8 or index == 10) {
            text[at] = '-';
            at += 1;
        }
        text[at..][0..2].* = std.fmt.hex(byte);
        at += 2;
    }
    return text;
}

fn digitOf(char: u8) ?u8 {
    return switch (char) {
        '0'...'9' => char - '0',
        'a'...'f' => char - 'a' + 10,
        else => null,
    };
}

fn isHex(char: u8) bool {
    return digitOf(char) != null;
}

test "random UUIDs become their bytes" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const text = "\t(uuid \"02e67026-437f-4bdb-b5a6-9dd13441b345\")\n(x 02E67026-437f-4bdb-b5a6-9dd13441b345)" ++
        "(02e67026-437f-8bdb-f5a6-9dd13441b345) (ffffffff-ffff-4fff-bfff-ffffffffffff)";
    const stripped = (try strip(arena.allocator(), text)).?;
    try std.testing.expectEqual(text.len - 3 * 35, stripped.text.len);
    try std.testing.expectEqual(15 + 16 + 15, stripped.uuids.len);
    try std.testing.expectEqual(1, stripped.pairs.len);
    var back: [text.len]u8 = undefined;
    try restore(arena.allocator(), stripped, &back);
    try std.testing.expectEqualStrings(text, &back);
    try std.testing.expectError(error.Damaged, restore(arena.allocator(), stripped, back[1..]));
    try std.testing.expectEqual(null, try strip(arena.allocator(), "no such thing"));
    const broken = "(uuid \"c2bdec94-67eb-4cfc-b6c6-eb-4cfc-b6c6-320f519b6a42\")";
    try std.testing.expectEqual(null, try strip(arena.allocator(), broken));
    try std.testing.expectEqual(null, try strip(arena.allocator(), text ++ "\x01"));
}

test "UUIDs that a footprint derives become nothing" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    // From components/cad/uuids.py: Stamps("R0402").stamped('  (pad "1")'), twice.
    const text = "(footprint \"R0402\" (version 1)\n" ++
        "  (pad \"1\" (tstamp \"FIRST_______________________________\"))\n" ++
        "  (pad \"1\" (tstamp \"SECOND______________________________\"))\n)\n";
    var file: [text.len]u8 = text.*;
    var stamps = Stamps.init(arena.allocator(), &file);
    for ([_][]const u8{ "FIRST", "SECOND" }, 0..) |place, count| {
        const at = std.mem.find(u8, &file, place).?;
        file[at..][0..uuid_length].* = stamps.derive("  (pad \"1\"", @intCast(count));
    }
    try std.testing.expectEqualStrings("R0402", stamps.name);
    const reference = "  (fp_text reference \"REF**\" (at 0 -1.53) (layer \"F.SilkS\") " ++
        "(effects (font (size 1 1) (thickness 0.15)))";
    const known = "2326b480-6692-87a4-b853-0314cb1019cf";
    try std.testing.expectEqualStrings(known, &stamps.derive(reference, 0));
    const stripped = (try strip(arena.allocator(), &file)).?;
    try std.testing.expectEqual(0, stripped.uuids.len);
    try std.testing.expectEqual(text.len - 2 * (clause_length - 1), stripped.text.len);
    var back: [text.len]u8 = undefined;
    try restore(arena.allocator(), stripped, &back);
    try std.testing.expectEqualStrings(&file, &back);
}
