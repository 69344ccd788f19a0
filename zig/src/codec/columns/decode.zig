//! The file that a container of columns was made from.
//!
//! Whatever the container holds, reading it takes memory in proportion to the container and the
//! file's declared size, and ends with that file or with error.Damaged.
const std = @import("std");
const bytes = @import("bytes.zig");
const container = @import("container.zig");
const encoder = @import("encode.zig");
const number_column = @import("number_column.zig");
const number_table = @import("number_table.zig");
const references = @import("references.zig");
const templates = @import("templates.zig");
const Entities = @import("entities.zig").Entities;
const Error = bytes.Error;

/// Fills `output` with the file; error.Damaged where it would have another length.
pub fn decode(gpa: std.mem.Allocator, input: []const u8, output: []u8) Error!void {
    if (output.len > encoder.size_max or input.len > output.len) return error.Damaged;
    var arena_state = std.heap.ArenaAllocator.init(gpa);
    defer arena_state.deinit();
    const arena = arena_state.allocator();
    var readers = try container.Readers.split(input);
    var file = try File.read(arena, &readers, output.len);
    try readers.end();
    var printer: Printer = .{ .output = output };
    try file.print(&printer);
    if (printer.at != output.len) return error.Damaged;
}

const File = struct {
    set: templates.Set,
    records: []const u32,
    defined: []const u32,
    references: []references.Column,
    numbers: []Codes,
    texts: number_table.Texts,

    const Codes = struct { codes: []const u32, next: usize = 0 };

    fn read(arena: std.mem.Allocator, readers: *container.Readers, size: usize) Error!File {
        const head = readers.of(.text);
        if (try head.byte() != encoder.version) return error.Damaged;
        const record_count = try head.varint(@intCast(size));
        const defined_count = try head.varint(record_count);
        const set = try templates.Set.parse(arena, try head.take(head.data.len - head.at));
        const ids = try arena.alloc(u32, record_count);
        try readers.of(.records).planes(u32, ids);
        const counts = try Counts.of(arena, &set, ids, size);
        if (counts.groups.items.len != defined_count) return error.Damaged;

        const defined = try arena.alloc(u32, defined_count);
        try readers.of(.records).planes(u32, defined);
        var previous: u32 = 0;
        for (defined) |*id| {
            previous = previous +% 1 +% bytes.unzigzag(id.*);
            id.* = previous;
        }
        const entities = try Entities.build(arena, defined, counts.groups.items, set.groups.count());
        const reference_columns = try arena.alloc(references.Column, set.reference_columns);
        for (reference_columns, counts.references) |*column, count| {
            column.* = try references.read(readers.of(.references), arena, count, entities);
        }
        const texts = try number_table.read(readers.of(.numbers), arena, size);
        const frequent = try number_column.Frequent.read(readers.of(.numbers), arena);
        const limit = @as(usize, texts.count()) * 2;
        const number_columns = try arena.alloc(Codes, set.number_columns);
        for (number_columns, counts.numbers) |*column, count| {
            column.* = .{ .codes = try number_column.read(readers.of(.tokens), readers.of(.numbers), arena, count, frequent, limit) };
        }
        return .{
            .set = set,
            .records = ids,
            .defined = defined,
            .references = reference_columns,
            .numbers = number_columns,
            .texts = texts,
        };
    }

    fn print(self: *File, printer: *Printer) Error!void {
        var next_defined: usize = 0;
        var own: u32 = 0;
        var neighbour: u32 = 0;
        for (self.records) |id| {
            const template = self.set.templates.items[id];
            var holes = self.set.holesOf(template);
            if (template.defines) {
                own = self.defined[next_defined];
                neighbour = own;
                next_defined += 1;
                try printer.byte('#');
                try printer.integer(own);
                holes = holes[1..];
            }
            for (holes) |hole| {
                try printer.bytes(self.set.text[hole.text_start..hole.text_end]);
                if (hole.kind == .number) {
                    const column = &self.numbers[hole.column];
                    // Counts were taken from the same records, so that no column can run out.
                    const code = column.codes[column.next];
                    column.next += 1;
                    if (code & 1 == 1) try printer.byte('-');
                    try printer.bytes(self.texts.get(code >> 1));
                } else {
                    if (hole.kind == .reference) try printer.byte('#');
                    neighbour = try self.references[hole.column].take(own, neighbour);
                    try printer.integer(neighbour);
                }
            }
            try printer.bytes(self.set.text[template.tail_start..template.tail_end]);
        }
    }
};

/// How many values each column has, and the groups of the records that define entities.
const Counts = struct {
    references: []usize,
    numbers: []usize,
    groups: std.ArrayList(u32) = .empty,

    fn of(arena: std.mem.Allocator, set: *const templates.Set, ids: []const u32, size: usize) Error!Counts {
        const records = try arena.alloc(u32, set.templates.items.len);
        @memset(records, 0);
        var self: Counts = .{
            .references = try arena.alloc(usize, set.reference_columns),
            .numbers = try arena.alloc(usize, set.number_columns),
        };
        @memset(self.references, 0);
        @memset(self.numbers, 0);
        for (ids) |id| {
            if (id >= set.templates.items.len) return error.Damaged;
            records[id] += 1;
            const template = set.templates.items[id];
            if (template.defines) try self.groups.append(arena, template.group);
        }
        // A value takes at least one byte of the file, which bounds what the columns can take.
        var values: usize = 0;
        for (records, set.templates.items) |count, template| {
            const holes = set.holesOf(template)[@intFromBool(template.defines)..];
            values += @as(usize, count) * holes.len;
            if (values > size) return error.Damaged;
            for (holes) |hole| {
                const columns = if (hole.kind == .number) self.numbers else self.references;
                columns[hole.column] += count;
            }
        }
        return self;
    }
};

const Printer = struct {
    output: []u8,
    at: usize = 0,

    /// Up to this length a text is copied as two words of sixteen bytes, wherever they fit.
    const short = 32;

    inline fn bytes(self: *Printer, data: []const u8) Error!void {
        if (data.len > self.output.len - self.at) return error.Damaged;
        @memcpy(self.output[self.at..][0..data.len], data);
        self.at += data.len;
    }

    inline fn byte(self: *Printer, value: u8) Error!void {
        if (self.at == self.output.len) return error.Damaged;
        self.output[self.at] = value;
        self.at += 1;
    }

    fn integer(self: *Printer, value: u32) Error!void {
        var buffer: [10]u8 = undefined;
        var start: usize = buffer.len;
        var rest = value;
        while (true) {
            start -= 1;
            buffer[start] = '0' + @as(u8, @intCast(rest % 10));
            rest /= 10;
            if (rest == 0) break;
        }
        try self.bytes(buffer[start..]);
    }
};

const step_text = "ISO-10303-21;\nDATA;\n" ++
    "#1 = POINT ( 'NONE', ( -0.5, 0.1000000000000000056, 3. ) ) ;\n" ++
    "#3 = EDGE ( #1, #2, #9, .T. ) ;\n#2 = POINT ( '', ( -0.5, 7.25, 3. ) ) ;\n";
const obj_text = "newmtl 1\nKd 0.5 0.25 1\nv 1.50 -0.25 0\nf 1//1 2//2 3//3\n";

fn roundTrip(syntax: @import("records.zig").Syntax, comptime text: []const u8) !void {
    const gpa = std.testing.allocator;
    const file = text ++ text ++ text ++ text ++ text ++ text;
    var packed_buffer: [file.len]u8 = undefined;
    const length = try encoder.encode(gpa, syntax, file, &packed_buffer);
    var back: [file.len]u8 = undefined;
    try decode(gpa, packed_buffer[0..length], &back);
    try std.testing.expectEqualStrings(file, &back);
    const shorter = decode(gpa, packed_buffer[0..length], back[0 .. file.len - 1]);
    try std.testing.expectError(error.Damaged, shorter);
    for (0..length) |cut| {
        try std.testing.expectError(error.Damaged, decode(gpa, packed_buffer[0..cut], &back));
    }
}

test "files come back, and cut containers are refused" {
    try roundTrip(.step, step_text);
    try roundTrip(.obj, obj_text);
}
