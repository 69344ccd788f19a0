//! Throws variants of files, and damaged codes of them, at the columns: `fuzz SEED COUNT FILE…`.
//!
//! Each variant must come back exactly or be refused, and no damaged code may do worse than give
//! another text. Compiled with all safety checks, so that a crash is one line and a trace.
const std = @import("std");
const columns_encoder = @import("columns/encode.zig");
const columns_decoder = @import("columns/decode.zig");
const Syntax = @import("columns/records.zig").Syntax;

const file_max = 4 << 20;
const variant_max = 1024;
const damaged_each = 3;

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
    var fuzzer: Fuzzer = .{ .random = .init(seed) };
    for (0..count) |_| try fuzzer.columns(fuzzer.make(files));
    std.debug.print("{d} variants: {d} as columns; of {d} damaged codes {d} were refused\n", .{
        count, fuzzer.as_columns, fuzzer.damaged, fuzzer.refused,
    });
}

const Fuzzer = struct {
    random: std.Random.DefaultPrng,
    buffer: [2 * variant_max]u8 = undefined,
    code: [4 * variant_max]u8 = undefined,
    back: [2 * variant_max]u8 = undefined,
    as_columns: usize = 0,
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
