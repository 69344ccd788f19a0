//! The lookup's C interface; `include/lookup.h` describes it for C.
const std = @import("std");
const answer = @import("answer.zig");
const Batch = @import("batch.zig").Batch;
const builder = @import("build/builder.zig");
const indexes = @import("index.zig");
const Status = @import("status.zig").Status;

comptime {
    _ = @import("python.zig");
}

const Index = indexes.Index;

/// Raised with every incompatible change of any exported function; the binding compares it.
export fn lookup_abi_version() u32 {
    return 4;
}

/// Opens the index at `path`; on success `*out` is a handle for `lookup_close`.
export fn lookup_open(path: ?[*:0]const u8, out: ?*?*Index) i32 {
    const slot = out orelse return @backingInt(Status.bad_argument);
    slot.* = null;
    const name = path orelse return @backingInt(Status.bad_argument);
    slot.* = Index.open(std.heap.c_allocator, name) catch |err| return @backingInt(Status.of(err));
    return @backingInt(Status.ok);
}

/// Ends a handle. No call with it may be running.
export fn lookup_close(index: ?*Index) void {
    if (index) |opened| opened.close();
}

/// Answers one query; any number of threads may call this at once. The result holds an HTTP
/// status in its upper 16 bits and the reply's length below; the reply is written to `reply`
/// where it fits into `capacity`. 0 where an argument is missing.
export fn lookup_query(index: ?*const Index, body: ?[*]const u8, length: usize, reply: ?[*]u8, capacity: usize) u64 {
    const arguments = checked(index, body, length, reply, capacity) orelse return 0;
    return @bitCast(answer.query(answer.Single, arguments.index, arguments.body, arguments.out));
}

/// As `lookup_query`, for `{"queries": […]}`.
export fn lookup_query_batch(index: ?*const Index, body: ?[*]const u8, length: usize, reply: ?[*]u8, capacity: usize) u64 {
    const arguments = checked(index, body, length, reply, capacity) orelse return 0;
    return @bitCast(answer.query(Batch, arguments.index, arguments.body, arguments.out));
}

const Arguments = struct { index: *const Index, body: []const u8, out: []u8 };

fn checked(index: ?*const Index, body: ?[*]const u8, length: usize, reply: ?[*]u8, capacity: usize) ?Arguments {
    if (body == null and length > 0 or reply == null and capacity > 0) return null;
    return .{
        .index = index orelse return null,
        .body = if (body) |bytes| bytes[0..length] else &.{},
        .out = if (reply) |bytes| bytes[0..capacity] else &.{},
    };
}

/// Builds an index from the database at `database`, into the existing file at `output`. `schema`
/// is embedded; `plan` says where its tables lie, and where in the database at `prices` the parts'
/// price tiers do; without one no price is known. Where a row cannot be taken, `message` says
/// which and why, with a NUL at its end.
export fn lookup_build(
    database: ?[*:0]const u8,
    prices: ?[*:0]const u8,
    schema: ?[*:0]const u8,
    plan: ?[*:0]const u8,
    output: ?[*:0]const u8,
    message: ?[*]u8,
    message_capacity: usize,
) i32 {
    if (message == null or message_capacity == 0) return @backingInt(Status.bad_argument);
    const text = message.?[0..message_capacity];
    var writer: std.Io.Writer = .fixed(text[0 .. text.len - 1]);
    const status: Status = if (build(database, prices, schema, plan, output, &writer)) .ok else |err| .of(err);
    text[writer.buffered().len] = 0;
    return @backingInt(status);
}

fn build(
    database: ?[*:0]const u8,
    prices: ?[*:0]const u8,
    schema: ?[*:0]const u8,
    plan: ?[*:0]const u8,
    output: ?[*:0]const u8,
    message: *std.Io.Writer,
) !void {
    const missing = error.BadArgument;
    const bytes = try mapDatabase(database orelse return missing);
    defer std.posix.munmap(bytes);
    const price_bytes = if (prices) |path| try mapDatabase(path) else null;
    defer if (price_bytes) |mapped| std.posix.munmap(mapped);
    const flags: std.c.O = .{ .ACCMODE = .WRONLY, .TRUNC = true, .CLOEXEC = true };
    const file = std.posix.openatZ(std.c.AT.FDCWD, output orelse return missing, flags, 0) catch
        return error.CannotWrite;
    defer _ = std.c.close(file);
    try builder.build(
        std.heap.c_allocator,
        bytes,
        price_bytes,
        true,
        std.mem.span(schema orelse return missing),
        std.mem.span(plan orelse return missing),
        file,
        message,
    );
}

fn mapDatabase(path: [*:0]const u8) ![]align(std.heap.page_size_min) const u8 {
    return indexes.map(path, .{ .TYPE = .SHARED }) catch |err| if (err == error.NotAnIndex) error.NotSqlite else err;
}

test {
    _ = @import("answer.zig");
    _ = @import("batch.zig");
    _ = @import("best.zig");
    _ = @import("build/builder.zig");
    _ = @import("build/dictionary.zig");
    _ = @import("build/family.zig");
    _ = @import("build/prices.zig");
    _ = @import("build/sqlite.zig");
    _ = @import("build/table.zig");
    _ = @import("build/writer.zig");
    _ = @import("cheapest.zig");
    _ = @import("complaint.zig");
    _ = @import("document.zig");
    _ = @import("escape.zig");
    _ = @import("find.zig");
    _ = @import("format.zig");
    _ = @import("hostile.zig");
    _ = @import("index.zig");
    _ = @import("json.zig");
    _ = @import("number.zig");
    _ = @import("prices.zig");
    _ = @import("python.zig");
    _ = @import("query.zig");
    _ = @import("reply.zig");
    _ = @import("request.zig");
    _ = @import("scan.zig");
    _ = @import("schema.zig");
    _ = @import("status.zig");
}

test "missing arguments are refused, not followed" {
    const bad = @backingInt(Status.bad_argument);
    var index: ?*Index = null;
    try std.testing.expectEqual(bad, lookup_open(null, &index));
    try std.testing.expectEqual(bad, lookup_open("/none", null));
    try std.testing.expectEqual(@backingInt(Status.cannot_read), lookup_open("/none", &index));
    try std.testing.expectEqual(null, index);
    lookup_close(null);
    try std.testing.expectEqual(0, lookup_query(null, "{}", 2, null, 0));
    var message: [8]u8 = undefined;
    try std.testing.expectEqual(bad, lookup_build(null, null, null, null, null, &message, message.len));
    try std.testing.expectEqual(bad, lookup_build(null, null, null, null, null, null, 8));
}
