//! Tests with a whole index: built, queried, and damaged in ways that its hashes do not show.
const std = @import("std");
const testing = std.testing;
const answer = @import("answer.zig");
const Batch = @import("batch.zig").Batch;
const builder = @import("build/builder.zig");
const format = @import("format.zig");
const Index = @import("index.zig").Index;

const schema_text =
    \\{"version":2,"families":[{"name":"a","table":"a_pick","package_prefixes":["R"],"columns":[
    \\{"name":"x_ohm","kind":"real","aliases":["x"],"minimum_column":"low_ohm","maximum_column":"high_ohm"},
    \\{"name":"low_ohm","kind":"real"},{"name":"high_ohm","kind":"real"},{"name":"t","kind":"text"}]}]}
;
const plan_text =
    \\{"tables":[{"root_page":1,"package":1,"stock":2,"is_basic":3,"is_preferred":4,"columns":[5,6,7,8]}],
    \\"prices":{"root_page":1,"price":0}}
;
const row_count = 60;

/// A database of one page: rows with packages 0402 and 0603, x of 1 to 60, and texts or NULL.
fn database(bytes: *[65536]u8) void {
    @memset(bytes, 0);
    @memcpy(bytes[0..16], "SQLite format 3\x00");
    std.mem.writeInt(u16, bytes[16..18], 1, .big);
    std.mem.writeInt(u32, bytes[56..60], 1, .big);
    bytes[100] = 0x0d;
    std.mem.writeInt(u16, bytes[103..105], row_count, .big);
    var at: usize = 65536;
    for (0..row_count) |row| {
        const x: u8 = @intCast(row + 1);
        const text_serial: u8 = if (row % 3 == 0) 0 else 17;
        const header = [_]u8{ 10, 0, 21, 1, 8, if (row % 7 == 0) 9 else 8, 1, 1, 1, text_serial };
        const text: []const u8 = if (row % 3 == 0) "" else if (row % 3 == 1) "Ab" else "aB";
        const body = [_]u8{ '0', if (row % 2 == 0) '4' else '6', '0', if (row % 2 == 0) '2' else '3', x, x, x, x +| 1 };
        const payload_bytes = header.len + body.len + text.len;
        at -= payload_bytes + 2;
        bytes[at] = @intCast(payload_bytes);
        bytes[at + 1] = x;
        @memcpy(bytes[at + 2 ..][0..header.len], &header);
        @memcpy(bytes[at + 2 + header.len ..][0..body.len], &body);
        @memcpy(bytes[at + 2 + header.len + body.len ..][0..text.len], text);
        std.mem.writeInt(u16, bytes[108 + 2 * row ..][0..2], @intCast(at), .big);
    }
}

/// A database of one page: the price of every second row falls from its number at 1 to 1 at 10.
fn prices(bytes: *[65536]u8) void {
    @memset(bytes, 0);
    @memcpy(bytes[0..16], "SQLite format 3\x00");
    std.mem.writeInt(u16, bytes[16..18], 1, .big);
    std.mem.writeInt(u32, bytes[56..60], 1, .big);
    bytes[100] = 0x0d;
    std.mem.writeInt(u16, bytes[103..105], row_count / 2, .big);
    var at: usize = 65536;
    for (0..row_count / 2) |place| {
        const x: u8 = @intCast(2 * place + 1);
        var buffer: [80]u8 = undefined;
        const text = std.mem.print(&buffer, "[{{\"qFrom\":1,\"price\":{d:0>2}.5}},{{\"qFrom\":10,\"price\":1}}]", .{x}) catch unreachable;
        at -= text.len + 4;
        bytes[at] = @intCast(text.len + 2);
        bytes[at + 1] = x;
        bytes[at + 2] = 2;
        bytes[at + 3] = @intCast(13 + 2 * text.len);
        @memcpy(bytes[at + 4 ..][0..text.len], text);
        std.mem.writeInt(u16, bytes[108 + 2 * place ..][0..2], @intCast(at), .big);
    }
}

/// An index in a file that has no name.
const File = struct {
    handle: std.c.fd_t,
    path: [32:0]u8,
    bytes: []align(std.heap.page_size_min) u8,

    fn init() !File {
        var source: [65536]u8 = undefined;
        database(&source);
        var priced: [65536]u8 = undefined;
        prices(&priced);
        const handle: std.c.fd_t = @intCast(std.os.linux.memfd_create("lookup.idx", 0));
        var message: [200]u8 = undefined;
        var writer: std.Io.Writer = .fixed(&message);
        try builder.build(testing.allocator, &source, &priced, false, schema_text, plan_text, handle, &writer);
        var path: [32:0]u8 = @splat(0);
        _ = try std.mem.print(&path, "/proc/self/fd/{d}", .{handle});
        const size: usize = @intCast(std.c.lseek(handle, 0, std.c.SEEK.END));
        const bytes = try std.posix.mmap(null, size, .{ .READ = true, .WRITE = true }, .{ .TYPE = .SHARED }, handle, 0);
        return .{ .handle = handle, .path = path, .bytes = bytes };
    }

    fn deinit(file: *File) void {
        std.posix.munmap(file.bytes);
        _ = std.c.close(file.handle);
    }

    fn header(file: *File) *format.Header {
        return @ptrCast(file.bytes.ptr);
    }

    /// Makes all hashes right again, so that only the checks of the content stand in the way.
    fn rehash(file: *File) void {
        const top = file.header();
        const body = file.bytes[format.header_bytes..@intCast(std.math.clamp(top.body_end, format.header_bytes, file.bytes.len))];
        const hashes = file.bytes[format.header_bytes + body.len ..];
        var chunk: usize = 0;
        while (chunk * format.chunk_bytes < body.len and (chunk + 1) * 8 <= hashes.len) : (chunk += 1) {
            const start = chunk * format.chunk_bytes;
            const value = format.hash(body[start..@min(start + format.chunk_bytes, body.len)]);
            std.mem.writeInt(u64, hashes[chunk * 8 ..][0..8], value, .little);
        }
        top.chunk_hashes_hash = format.hash(hashes);
        top.page_hash = format.pageHash(file.bytes[0..format.header_bytes]);
    }
};

const questions = [_][]const u8{
    "{\"component_type\":\"a\",\"limit\":500}",
    "{\"component_type\":\"a\",\"package\":\"r0402\",\"ranges\":{\"x\":{\"minimum\":10,\"maximum\":20}}}",
    "{\"component_type\":\"a\",\"exact\":{\"t\":\"AB\"},\"qty\":9}",
    "{\"component_type\":\"a\",\"exact\":{\"x_ohm\":17}}",
    "{\"component_type\":\"a\",\"ranges\":{\"low_ohm\":{\"minimum\":3},\"high_ohm\":{\"maximum\":7}},\"limit\":2}",
    "{\"component_type\":\"a\",\"order\":\"price\",\"qty\":7,\"limit\":3}",
    "{\"component_type\":\"a\",\"order\":\"price\",\"exact\":{\"t\":\"AB\"}}",
};

fn expectTotal(index: *const Index, question: []const u8, total: []const u8) !void {
    var out: [65536]u8 = undefined;
    const reply = answer.query(answer.Single, index, question, &out);
    try testing.expectEqual(200, reply.status);
    try testing.expect(std.mem.endsWith(u8, out[0..reply.length_bytes], total));
}

test "an index is built and answers" {
    var file = try File.init();
    defer file.deinit();
    const index = try Index.open(testing.allocator, &file.path);
    defer index.close();
    try expectTotal(index, questions[0], "\"total\":60}");
    // Even rows from 10 to 19: x is the row and one, its band ends at x and one.
    try expectTotal(index, questions[1], "\"total\":5}");
    try expectTotal(index, questions[2], "\"total\":35}");
    try expectTotal(index, questions[3], "\"total\":1}");
    try expectTotal(index, questions[4], "\"total\":2}");
}

test "a buffer that is too short is told how long it must be, and is not overrun" {
    var file = try File.init();
    defer file.deinit();
    const index = try Index.open(testing.allocator, &file.path);
    defer index.close();
    var whole: [65536]u8 = undefined;
    for (questions ++ [_][]const u8{ "{", "[]" }) |question| {
        const wanted = answer.query(answer.Single, index, question, &whole);
        for ([_]usize{ 0, 1, wanted.length_bytes - 1 }) |room| {
            var out: [65536]u8 = @splat(0xaa);
            try testing.expectEqual(wanted, answer.query(answer.Single, index, question, out[0..room]));
            try testing.expect(std.mem.allEqual(u8, out[room..], 0xaa));
        }
    }
    const many = "{\"queries\":[" ++ questions[1] ++ "," ++ questions[3] ++ "]}";
    const wanted = answer.query(Batch, index, many, &whole);
    try testing.expectEqual(200, wanted.status);
    var out: [65536]u8 = @splat(0xaa);
    try testing.expectEqual(wanted, answer.query(Batch, index, many, out[0..10]));
    try testing.expect(std.mem.allEqual(u8, out[10..], 0xaa));
}

test "damage under right hashes is an error or a wrong answer, never a fault" {
    var file = try File.init();
    defer file.deinit();
    const original = try testing.allocator.dupe(u8, file.bytes);
    defer testing.allocator.free(original);
    var prng: std.Random.DefaultPrng = .init(11);
    const random = prng.random();
    var refused: usize = 0;
    for (0..3000) |round| {
        // The header and the records, which say where all else lies, get most of the damage.
        const records = file.header().schema.offset;
        for (0..random.intRangeAtMost(usize, 1, 3)) |_| {
            const at = switch (round % 4) {
                0 => random.uintLessThan(usize, @sizeOf(format.Header)),
                1, 2 => random.intRangeLessThan(usize, @intCast(records), file.bytes.len),
                else => random.uintLessThan(usize, file.bytes.len),
            };
            file.bytes[at] = random.int(u8);
        }
        file.rehash();
        if (Index.open(testing.allocator, &file.path)) |index| {
            defer index.close();
            var out: [65536]u8 = undefined;
            for (questions) |question| {
                const reply = answer.query(answer.Single, index, question, &out);
                try testing.expect(reply.status == 200 or reply.status == 422 or reply.status == 500);
            }
        } else |_| refused += 1;
        @memcpy(file.bytes, original);
    }
    try testing.expect(refused > 500);
}
