//! A STEP or OBJ file as a container of columns.
const std = @import("std");
const bytes = @import("bytes.zig");
const container = @import("container.zig");
const number_column = @import("number_column.zig");
const number_table = @import("number_table.zig");
const records = @import("records.zig");
const references = @import("references.zig");
const templates = @import("templates.zig");
const Entities = @import("entities.zig").Entities;

/// Raised with every change that an older reader cannot read; readers keep all versions.
pub const version = 1;
pub const size_max = 64 << 20;
pub const Error = records.Error;

/// Writes the container of `input` to `output` and returns its length.
///
/// error.Unsupported where `input` is no such file, is larger than `size_max`, or where its
/// container would not be shorter than `output`.
pub fn encode(gpa: std.mem.Allocator, syntax: records.Syntax, input: []const u8, output: []u8) Error!usize {
    if (input.len > size_max) return error.Unsupported;
    var arena_state = std.heap.ArenaAllocator.init(gpa);
    defer arena_state.deinit();
    const arena = arena_state.allocator();
    const parsed = try records.Records.parse(arena, syntax, input);
    const text = try templatesByFrequency(arena, &parsed);
    const set = try templates.Set.parse(arena, text);
    const columns = try Columns.gather(arena, &parsed, &set);

    var writers = container.Writers.init(arena);
    const head = writers.of(.text);
    try head.byte(version);
    try head.varint(parsed.records.items.len);
    try head.varint(columns.defined.items.len);
    try head.bytes(text);
    try writers.of(.records).planes(u32, parsed.records.items);
    try writeDefined(writers.of(.records), arena, columns.defined.items);

    const entities = try Entities.build(arena, columns.defined.items, columns.groups.items, set.groups.count());
    const places = try entities.places(arena);
    for (columns.references) |column| {
        try references.write(writers.of(.references), arena, column.items, &places);
    }
    try writeNumbers(&writers, arena, &parsed, columns.numbers);
    return writers.join(output) orelse error.Unsupported;
}

/// The templates' text, the most frequent first, so that most records have a small number; the
/// records are renumbered.
fn templatesByFrequency(arena: std.mem.Allocator, parsed: *const records.Records) Error![]const u8 {
    const count = parsed.texts.items.len;
    const counts = try arena.alloc(u32, count);
    @memset(counts, 0);
    for (parsed.records.items) |id| counts[id] += 1;
    const order = try arena.alloc(u32, count);
    for (order, 0..) |*id, at| id.* = @intCast(at);
    std.mem.sort(u32, order, @as([]const u32, counts), moreFrequent);
    const renumbered = try arena.alloc(u32, count);
    var text: std.ArrayList(u8) = .empty;
    for (order, 0..) |id, at| {
        renumbered[id] = @intCast(at);
        try text.appendSlice(arena, parsed.texts.items[id]);
        try text.append(arena, templates.terminator);
    }
    for (parsed.records.items) |*id| id.* = renumbered[id.*];
    return text.items;
}

fn moreFrequent(counts: []const u32, a: u32, b: u32) bool {
    return counts[a] > counts[b];
}

const Columns = struct {
    /// The number that each defining record defines, and the group of the record.
    defined: std.ArrayList(u32) = .empty,
    groups: std.ArrayList(u32) = .empty,
    references: []std.ArrayList(references.Value),
    numbers: []std.ArrayList(u32),

    fn gather(arena: std.mem.Allocator, parsed: *const records.Records, set: *const templates.Set) Error!Columns {
        var self: Columns = .{
            .references = try arena.alloc(std.ArrayList(references.Value), set.reference_columns),
            .numbers = try arena.alloc(std.ArrayList(u32), set.number_columns),
        };
        @memset(self.references, .empty);
        @memset(self.numbers, .empty);
        var next_reference: usize = 0;
        var next_number: usize = 0;
        var own: u32 = 0;
        var neighbour: u32 = 0;
        for (parsed.records.items) |id| {
            const template = set.templates.items[id];
            var holes = set.holesOf(template);
            if (template.defines) {
                own = parsed.references.items[next_reference];
                neighbour = own;
                next_reference += 1;
                holes = holes[1..];
                try self.defined.append(arena, own);
                try self.groups.append(arena, template.group);
            }
            for (holes) |hole| switch (hole.kind) {
                .number => {
                    const code = parsed.signed.items[next_number];
                    next_number += 1;
                    try self.numbers[hole.column].append(arena, code);
                },
                .reference, .integer => {
                    const value = parsed.references.items[next_reference];
                    next_reference += 1;
                    const item: references.Value = .{ .value = value, .own = own, .neighbour = neighbour };
                    try self.references[hole.column].append(arena, item);
                    neighbour = value;
                },
            };
        }
        return self;
    }
};

/// Entities are mostly numbered one after the other.
fn writeDefined(writer: *bytes.Writer, arena: std.mem.Allocator, defined: []const u32) Error!void {
    const steps = try arena.alloc(u32, defined.len);
    var previous: u32 = 0;
    for (defined, steps) |id, *step| {
        step.* = bytes.zigzag(id -% previous -% 1);
        previous = id;
    }
    try writer.planes(u32, steps);
}

fn writeNumbers(writers: *container.Writers, arena: std.mem.Allocator, parsed: *const records.Records, columns: []const std.ArrayList(u32)) Error!void {
    const places = try number_table.write(writers.of(.numbers), arena, parsed.numbers.items);
    for (parsed.signed.items) |*code| code.* = places[code.* >> 1] * 2 + (code.* & 1);
    const limit = places.len * 2;
    const frequent = try number_column.Frequent.of(arena, parsed.signed.items, limit);
    try frequent.write(writers.of(.numbers));
    const tokens = try number_column.tokenTable(arena, frequent, limit);
    for (columns) |column| {
        for (column.items) |*code| code.* = places[code.* >> 1] * 2 + (code.* & 1);
        try number_column.write(writers.of(.tokens), writers.of(.numbers), arena, column.items, tokens);
    }
}
