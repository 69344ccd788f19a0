//! Throws variants of files, and damaged codes of them, at every codec: `fuzz SEED COUNT FILE…`.
//!
//! Each variant must come back exactly or be refused, and no damaged code may do worse than give
//! another text. Compiled with all safety checks, so that a crash is one line and a trace.
const std = @import("std");
const columns_encoder = @import("columns/encode.zig");
const columns_decoder = @import("columns/decode.zig");
const text = @import("text/text.zig");
const figures = @import("text/v2/figures.zig");
const uuids = @import("text/uuids.zig");
const Syntax = @import("columns/records.zig").Syntax;

const file_max = 4 << 20;
const variant_max = 1024;
const damaged_each = 3;
/// The text model takes a thousand times as long as the rest.
const text_every = 2048;

pub fn main(init: std.process.Init) !void {
    const arena = init.arena.allocator();
    const args = try init.minimal.args.toSlice(arena);
    if (args.len < 4) return error.Usage;
    const seed = try std.fmt.parseInt(u64, args[1], 10);
    const count = try std.fmt.parseInt(usize, args[2], 10);
    const files = try arena.alloc([]const u8, args.len - 3);
    for (files, args[3..]) |*file, path| {
        file.* = try std.Io.Dir.cwd().readFileAlloc(init.io, path, arena, .limited(file_max));
    }
    var fuzzer: Fuzzer = .{
        .random = .init(seed),
        .one = try .create(std.heap.smp_allocator, files[0][0..@min(files[0].len, 8192)]),
        .two = try .create(std.heap.smp_allocator, files[0][0..@min(files[0].len, 8192)]),
    };
    defer fuzzer.one.destroy();
    defer fuzzer.two.destroy();
    for (0..count) |number| {
        const variant = fuzzer.make(files);
        try fuzzer.columns(variant);
        try fuzzer.identifiers(variant);
        try fuzzer.numbers(variant);
        if (number % text_every == 0) {
            try fuzzer.model(.one, fuzzer.one, variant);
            try fuzzer.model(.two, fuzzer.two, variant);
        }
    }
    std.debug.print("{d} variants: {d} as columns, {d} without UUIDs, {d} with shorter numbers, {d} by a model; " ++
        "of {d} damaged codes {d} were refused\n", .{
        count, fuzzer.as_columns, fuzzer.stripped, fuzzer.shortened, fuzzer.modelled, fuzzer.damaged, fuzzer.refused,
    });
}

const Fuzzer = struct {
    random: std.Random.DefaultPrng,
    one: *text.Text(.one).Primed,
    two: *text.Text(.two).Primed,
    memory: std.heap.ArenaAllocator = .init(std.heap.smp_allocator),
    buffer: [2 * variant_max]u8 = undefined,
    code: [4 * variant_max]u8 = undefined,
    back: [2 * variant_max]u8 = undefined,
    as_columns: usize = 0,
    stripped: usize = 0,
    shortened: usize = 0,
    modelled: usize = 0,
    damaged: usize = 0,
    refused: usize = 0,

    fn below(self: *Fuzzer, limit: usize) usize {
        return self.random.random().uintLessThan(usize, limit);
    }

    /// A piece of a file with a few changes.
    fn make(self: *Fuzzer, files: []const []const u8) []u8 {
        const file = files[self.below(files.len)];
        const start = self.below(file.len + 1);
        var length = @min(file.len - start, self.below(variant_max));
        @memcpy(self.buffer[0..length], file[start..][0..length]);
        for (0..self.below(6)) |_| length = self.change(length);
        return self.buffer[0..length];
    }

    fn change(self: *Fuzzer, length: usize) usize {
        if (length == 0) return 0;
        const at = self.below(length);
        const size = @min(self.below(24), length - at);
        switch (self.below(6)) {
            0 => self.buffer[at] = self.random.random().int(u8),
            1 => self.buffer[at] ^= @as(u8, 1) << @intCast(self.below(8)),
            2 => self.buffer[at] = "#0123456789.-+Ee;\n\r()'\"=, /~"[self.below(28)],
            3 => {
                std.mem.copyForwards(u8, self.buffer[at..], self.buffer[at + size .. length]);
                return length - size;
            },
            4 => if (length + size <= self.buffer.len) {
                std.mem.copyBackwards(u8, self.buffer[at + size ..], self.buffer[at..length]);
                return length + size;
            },
            else => {
                const from = self.below(length - size + 1);
                std.mem.copyForwards(u8, self.back[0..size], self.buffer[from..][0..size]);
                @memcpy(self.buffer[at..][0..size], self.back[0..size]);
            },
        }
        return length;
    }

    fn columns(self: *Fuzzer, variant: []const u8) !void {
        const syntax: Syntax = if (self.below(4) == 0) .obj else .step;
        const gpa = std.heap.smp_allocator;
        const size = columns_encoder.encode(gpa, syntax, variant, self.code[0..variant.len]) catch |err| {
            return if (err == error.Unsupported) {} else err;
        };
        self.as_columns += 1;
        const back = self.back[0..variant.len];
        try columns_decoder.decode(gpa, self.code[0..size], back);
        if (!std.mem.eql(u8, variant, back)) return error.Different;
        for (0..damaged_each) |_| {
            const shorter = self.damage(size);
            columns_decoder.decode(gpa, self.code[0..shorter], back) catch |err| {
                if (err != error.Damaged) return err;
                self.refused += 1;
            };
        }
    }

    fn identifiers(self: *Fuzzer, variant: []const u8) !void {
        _ = self.memory.reset(.retain_capacity);
        const arena = self.memory.allocator();
        const found = try uuids.strip(arena, variant) orelse return;
        self.stripped += 1;
        const back = self.back[0..variant.len];
        try uuids.restore(arena, found, back);
        if (!std.mem.eql(u8, variant, back)) return error.Different;
    }

    fn numbers(self: *Fuzzer, variant: []const u8) !void {
        _ = self.memory.reset(.retain_capacity);
        const arena = self.memory.allocator();
        const short = try figures.shorten(arena, variant) orelse return;
        self.shortened += 1;
        if (!std.mem.eql(u8, variant, try figures.restore(arena, short, variant.len))) return error.Different;
        if (short.len == 0) return;
        var meter: figures.Meter = .{ .shortened = true, .stripped = false };
        for (short) |byte| try meter.push(byte);
        if (!meter.isWhole() or meter.length != variant.len) return error.Different;
        @memcpy(self.code[0..short.len], short);
        _ = figures.restore(arena, self.code[0..self.damage(short.len)], variant.len) catch |err| {
            if (err != error.Damaged) return err;
            self.refused += 1;
        };
    }

    fn model(self: *Fuzzer, comptime version: text.Version, primed: anytype, variant: []const u8) !void {
        const Codec = text.Text(version);
        const gpa = std.heap.smp_allocator;
        const size = Codec.encode(gpa, primed, variant, &self.code) catch |err| {
            return if (err == error.Unsupported) {} else err;
        };
        self.modelled += 1;
        const back = self.back[0..variant.len];
        try Codec.decode(gpa, primed, self.code[0..size], back);
        if (!std.mem.eql(u8, variant, back)) return error.Different;
        const shorter = self.damage(size);
        Codec.decode(gpa, primed, self.code[0..shorter], back) catch |err| {
            if (err != error.Damaged) return err;
            self.refused += 1;
        };
    }

    /// Damages the code, and tells how much of it to take.
    fn damage(self: *Fuzzer, size: usize) usize {
        self.damaged += 1;
        if (size == 0) return 0;
        for (0..1 + self.below(3)) |_| {
            const at = self.below(size);
            switch (self.below(3)) {
                0 => self.code[at] = self.random.random().int(u8),
                1 => self.code[at] +%= 1,
                else => self.code[at] = 0xff,
            }
        }
        return if (self.below(4) == 0) self.below(size) else size;
    }
};
