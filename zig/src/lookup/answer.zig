//! A request's bytes become a reply: found first, then written where the caller has made room.
const std = @import("std");
const complaints = @import("complaint.zig");
const Complaint = complaints.Complaint;
const Family = @import("index.zig").Family;
const Index = @import("index.zig").Index;
const json = @import("json.zig");
const finding = @import("find.zig");
const replies = @import("reply.zig");
const request = @import("request.zig");
const Query = @import("query.zig").Query;
const limit_max = @import("query.zig").limit_max;

/// An HTTP status and how long the reply is.
pub const Reply = packed struct(u64) {
    length_bytes: u48,
    status: u16,

    pub fn init(status: u16, length_bytes: usize) Reply {
        return .{ .status = status, .length_bytes = @intCast(length_bytes) };
    }
};

/// The answer to one query. It may hold pointers into itself and must stay where it was begun.
pub const Single = struct {
    reply: Reply,
    state: union(enum) { text: Text, found: *const Family },
    quantity: u32,
    rows: [limit_max]u32,
    count: u32,

    /// Finds out what `body` asks and which rows answer it. The body is not needed afterwards.
    pub fn begin(single: *Single, index: *const Index, body: []const u8) void {
        var complaint: Complaint = undefined;
        complaint.init();
        single.find(index, body, &complaint) catch |err| {
            single.state = .{ .text = .of(err, &complaint) };
            single.reply = single.state.text.reply();
        };
    }

    fn find(single: *Single, index: *const Index, body: []const u8, complaint: *Complaint) !void {
        var document: json.Document = undefined;
        defer document.deinit();
        const value = try request.parseBody(body, &document, complaint);
        var asked: Query = undefined;
        try request.parse(&asked, index, value, complaint);
        single.count = try finding.find(&asked, &single.rows);
        single.state = .{ .found = asked.family };
        single.quantity = asked.quantity();
        single.reply = .init(200, try replies.lengthBytes(asked.family, single.rows[0..single.count], single.quantity));
    }

    /// Writes the reply to `out`, which has its length.
    pub fn write(single: *const Single, out: []u8) void {
        switch (single.state) {
            .text => |*text| text.write(out),
            .found => |family| replies.write(family, single.rows[0..single.count], single.quantity, out),
        }
    }

    pub fn end(_: *Single) void {}
};

/// A reply that is no answer.
pub const Text = struct {
    status: u16,
    length_bytes: u32,
    buffer: [complaints.reply_bytes_max]u8,

    /// What the client is told about `err`; `complaint` says it where the request was refused.
    pub fn of(err: error{ Refused, DamagedIndex, OutOfMemory }, complaint: *const Complaint) Text {
        var text: Text = .{ .status = 500, .length_bytes = 0, .buffer = undefined };
        var writer: std.Io.Writer = .fixed(&text.buffer);
        switch (err) {
            error.Refused => {
                text.status = complaint.status;
                complaint.write(&writer) catch unreachable;
            },
            // A file that was changed after it was verified, or that was never made by the builder.
            error.DamagedIndex => writer.writeAll("{\"detail\":\"lookup.idx is damaged; publish a new snapshot\"}") catch unreachable,
            error.OutOfMemory => writer.writeAll("{\"detail\":\"out of memory\"}") catch unreachable,
        }
        text.length_bytes = @intCast(writer.buffered().len);
        return text;
    }

    pub fn reply(text: *const Text) Reply {
        return .init(text.status, text.length_bytes);
    }

    pub fn write(text: *const Text, out: []u8) void {
        @memcpy(out, text.buffer[0..text.length_bytes]);
    }
};

/// Answers `body` into `out`. Where the reply is longer than that, nothing is written, and the
/// caller asks again with so much room.
pub fn query(comptime Pending: type, index: *const Index, body: []const u8, out: []u8) Reply {
    var pending: Pending = undefined;
    pending.begin(index, body);
    defer pending.end();
    if (pending.reply.length_bytes <= out.len) pending.write(out[0..pending.reply.length_bytes]);
    return pending.reply;
}

test "the packed reply has the status in its upper 16 bits" {
    const packed_reply: u64 = @bitCast(Reply.init(422, 7));
    try std.testing.expectEqual(422 << 48 | 7, packed_reply);
}
