//! The families and columns as the index embeds them: JSON, made from the families' modules.
const std = @import("std");
const format = @import("format.zig");

/// A column's names are told apart by the bits of a byte.
pub const aliases_max = 7;

pub const Schema = struct {
    version: u32,
    families: []const Family,

    /// Parses and checks; what is returned lives in `arena`. Unknown members are ignored.
    pub fn parse(arena: std.mem.Allocator, text: []const u8) error{ BadSchema, OutOfMemory }!Schema {
        const schema = std.json.parseFromSliceLeaky(Schema, arena, text, .{
            .ignore_unknown_fields = true,
            .allocate = .alloc_always,
        }) catch |err| switch (err) {
            error.OutOfMemory => return error.OutOfMemory,
            else => return error.BadSchema,
        };
        if (schema.version != 2) return error.BadSchema;
        for (schema.families) |family| {
            // One more for the package.
            if (family.columns.len + family.spans.len + 1 > format.columns_max) return error.BadSchema;
            for (family.spans) |span| {
                if (span.aliases.len > aliases_max) return error.BadSchema;
                for ([_][]const u8{ span.minimum_column, span.maximum_column }) |name| {
                    const index = family.columnNamed(name) orelse return error.BadSchema;
                    if (family.columns[index].kind != .real) return error.BadSchema;
                }
            }
            for (family.columns) |column| {
                if (column.aliases.len > aliases_max) return error.BadSchema;
                if (column.default != null and column.kind != .real) return error.BadSchema;
                for ([_]?[]const u8{ column.minimum_column, column.maximum_column }) |bound| {
                    const name = bound orelse continue;
                    const index = family.columnNamed(name) orelse return error.BadSchema;
                    if (family.columns[index].kind != .real) return error.BadSchema;
                }
            }
        }
        return schema;
    }

    pub fn familyNamed(schema: Schema, name: []const u8) ?usize {
        for (schema.families, 0..) |family, index| {
            if (family.name.len == name.len and std.mem.eql(u8, family.name, name)) return index;
        }
        return null;
    }
};

pub const Family = struct {
    name: []const u8,
    table: []const u8,
    package_prefixes: []const []const u8,
    columns: []const Column,
    spans: []const Span = &.{},

    /// The place of a column in `columns`, by its own name alone.
    pub fn columnNamed(family: Family, name: []const u8) ?usize {
        for (family.columns, 0..) |column, index| {
            if (column.name.len == name.len and std.mem.eql(u8, column.name, name)) return index;
        }
        return null;
    }

    /// By its own name or a short one; spans are counted on behind the columns.
    pub fn columnCalled(family: Family, name: []const u8) ?Called {
        if (family.columnNamed(name)) |index| return .{ .index = index, .spelling = 0 };
        for (family.columns, 0..) |column, index| {
            for (column.aliases, 1..) |alias, spelling| {
                if (alias.len == name.len and std.mem.eql(u8, alias, name)) return .{ .index = index, .spelling = spelling };
            }
        }
        for (family.spans, family.columns.len..) |span, index| {
            if (isName(span.name, name)) return .{ .index = index, .spelling = 0 };
            for (span.aliases, 1..) |alias, spelling| {
                if (isName(alias, name)) return .{ .index = index, .spelling = spelling };
            }
        }
        return null;
    }

    fn isName(one: []const u8, other: []const u8) bool {
        return one.len == other.len and std.mem.eql(u8, one, other);
    }

    /// A column, and which of its names was used: its own, or a short one.
    pub const Called = struct { index: usize, spelling: usize };

    /// A package as it is stored: without the family's prefix where a chip size follows.
    pub fn barePackage(family: Family, text: []const u8) []const u8 {
        var longest: usize = 0;
        for (family.package_prefixes) |prefix| {
            if (prefix.len <= longest or text.len <= prefix.len) continue;
            if (!isChipSize(text[prefix.len..])) continue;
            if (std.ascii.eqlIgnoreCase(text[0..prefix.len], prefix)) longest = prefix.len;
        }
        return text[longest..];
    }

    /// Four or five digits, then neither a digit nor a letter: `D2PAK` keeps its D.
    fn isChipSize(text: []const u8) bool {
        var digits: usize = 0;
        while (digits < text.len and std.ascii.isDigit(text[digits])) digits += 1;
        if (digits < 4 or digits > 5) return false;
        return digits == text.len or !std.ascii.isAlphabetic(text[digits]);
    }
};

pub const Column = struct {
    name: []const u8,
    kind: enum { real, text },
    /// Whether its numbers are counts, written without a fraction.
    whole: bool = false,
    aliases: []const []const u8 = &.{},
    minimum_column: ?[]const u8 = null,
    maximum_column: ?[]const u8 = null,
    /// A value of at most 0.01 in a query is a fraction.
    ppm_fraction: bool = false,
    /// What a query asks for that names no column that lifts it.
    default: ?f64 = null,
    lifts_default: bool = false,
};

/// What is asked like a column and matches where it lies between two.
pub const Span = struct {
    name: []const u8,
    aliases: []const []const u8 = &.{},
    minimum_column: []const u8,
    maximum_column: []const u8,
};

const testing = std.testing;

const example =
    \\{"version": 2, "note": 1, "families": [{"name": "a", "title": "A", "table": "a_pick",
    \\ "package_prefixes": ["FB", "L"], "columns": [
    \\ {"name": "x_ohm", "kind": "real", "unit": "", "aliases": ["x"], "minimum_column": "x_min_ohm"},
    \\ {"name": "x_min_ohm", "kind": "real", "default": 1.0}],
    \\ "spans": [{"name": "y_v", "aliases": ["y"], "minimum_column": "x_ohm", "maximum_column": "x_min_ohm"}]}]}
;

test "names, short names and packages" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const schema = try Schema.parse(arena.allocator(), example);
    const family = schema.families[schema.familyNamed("a").?];
    try testing.expectEqual(Family.Called{ .index = 0, .spelling = 1 }, family.columnCalled("x").?);
    try testing.expectEqual(Family.Called{ .index = 1, .spelling = 0 }, family.columnCalled("x_min_ohm").?);
    try testing.expectEqual(Family.Called{ .index = 2, .spelling = 1 }, family.columnCalled("y").?);
    try testing.expectEqual(null, family.columnCalled("z"));
    try testing.expectEqualStrings("L2PAK", family.barePackage("L2PAK"));
    try testing.expectEqualStrings("0603", family.barePackage("fb0603"));
    try testing.expectEqualStrings("0603", family.barePackage("L0603"));
    try testing.expectEqualStrings("LGA-8", family.barePackage("LGA-8"));
    try testing.expectEqualStrings("L", family.barePackage("L"));
}

test "a schema that does not hold together is refused" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const broken = try std.mem.replaceOwned(u8, arena.allocator(), example, "\"x_min_ohm\"}]", "\"none\"}]");
    try testing.expectError(error.BadSchema, Schema.parse(arena.allocator(), broken));
    try testing.expectError(error.BadSchema, Schema.parse(arena.allocator(), "{\"version\": 2"));
}
