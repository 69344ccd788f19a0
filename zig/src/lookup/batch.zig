//! Many queries in one call, on as many cores as it pays.
const std = @import("std");
const answer = @import("answer.zig");
const finding = @import("find.zig");
const json = @import("json.zig");
const replies = @import("reply.zig");
const request = @import("request.zig");
const Complaint = @import("complaint.zig").Complaint;
const Family = @import("index.zig").Family;
const Index = @import("index.zig").Index;
const Query = @import("query.zig").Query;
const limit_max = @import("query.zig").limit_max;

const gpa = std.heap.c_allocator;

const queries_max = 1000;
const threads_max = 16;
/// A thread costs about as much as so many queries.
const queries_per_thread_min = 32;
/// Fewer bytes are copied before a thread has started.
const bytes_per_thread_min = 1 << 20;

/// A piece of a reply ends with the first answer that reaches this.
pub const piece_bytes_min = 256 << 10;

const preamble = "{\"results\":[";

/// A query's answer before it is written: where its rows lie in its worker's list.
const Answer = struct {
    family: *const Family,
    first: usize,
    count: u32,
    quantity: u32,
    length_bytes: usize,
};

/// The share of one thread: queries `begin`…`end` and what became of them.
const Worker = struct {
    index: *const Index,
    queries: []const json.Value,
    answers: []Answer,
    begin: usize,
    end: usize,
    rows: std.ArrayList(u32) = .empty,
    complaint: Complaint = undefined,
    failure: ?error{ Refused, DamagedIndex, OutOfMemory } = null,
    /// Where this worker's part of the reply lies.
    out: []u8 = &.{},

    fn find(worker: *Worker) void {
        for (worker.begin..worker.end) |place| worker.findOne(place) catch |err| {
            if (err == error.Refused) worker.complaint.within(place);
            worker.failure = err;
            return;
        };
    }

    fn findOne(worker: *Worker, place: usize) !void {
        var asked: Query = undefined;
        try request.parse(&asked, worker.index, worker.queries[place], &worker.complaint);
        try worker.rows.ensureUnusedCapacity(gpa, limit_max);
        const first = worker.rows.items.len;
        const room = worker.rows.unusedCapacitySlice()[0..limit_max];
        const count = try finding.find(&asked, room);
        worker.rows.items.len += count;
        const length = try replies.lengthBytes(asked.family, room[0..count], asked.quantity());
        worker.answers[place] = .{ .family = asked.family, .first = first, .count = count, .quantity = asked.quantity(), .length_bytes = length };
    }

    /// The length of this worker's part: its answers, a comma after each.
    fn lengthBytes(worker: *const Worker) usize {
        var length: usize = 0;
        for (worker.answers[worker.begin..worker.end]) |one| length += one.length_bytes + 1;
        return length;
    }

    fn write(worker: *Worker) void {
        var at: usize = 0;
        for (worker.answers[worker.begin..worker.end]) |one| {
            replies.write(one.family, worker.rows.items[one.first..][0..one.count], one.quantity, worker.out[at..][0..one.length_bytes]);
            at += one.length_bytes;
            worker.out[at] = ',';
            at += 1;
        }
    }
};

const Fields = struct { queries: ?json.Value = null };

/// The answer to `{"queries": […]}`.
pub const Batch = struct {
    reply: answer.Reply,
    state: union(enum) { text: answer.Text, found },
    workers: []Worker,
    answers: []Answer,
    /// The next piece: answers `place`…`piece_end`.
    place: usize = 0,
    piece_end: usize = 0,

    /// Finds the rows of all queries. The body is not needed afterwards.
    pub fn begin(batch: *Batch, index: *const Index, body: []const u8) void {
        var complaint: Complaint = undefined;
        complaint.init();
        batch.workers = &.{};
        batch.answers = &.{};
        batch.place = 0;
        batch.find(index, body, &complaint) catch |err| {
            batch.state = .{ .text = .of(err, &complaint) };
            batch.reply = batch.state.text.reply();
        };
    }

    fn find(batch: *Batch, index: *const Index, body: []const u8, complaint: *Complaint) !void {
        var document: json.Document = undefined;
        defer document.deinit();
        var queries: std.ArrayList(json.Value) = .empty;
        defer queries.deinit(gpa);
        try split(body, &document, &queries, complaint);
        batch.answers = try gpa.alloc(Answer, queries.items.len);
        const cores = std.Thread.getCpuCount() catch 1;
        const count = @max(1, @min(threads_max, cores, queries.items.len / queries_per_thread_min));
        batch.workers = try gpa.alloc(Worker, count);
        for (batch.workers, 0..) |*worker, number| worker.* = .{
            .index = index,
            .queries = queries.items,
            .answers = batch.answers,
            .begin = number * queries.items.len / count,
            .end = (number + 1) * queries.items.len / count,
        };
        inParallel(batch.workers, Worker.find);
        var length = preamble.len - 1;
        for (batch.workers) |*worker| {
            if (worker.failure) |failure| {
                complaint.* = worker.complaint;
                return failure;
            }
            length += worker.lengthBytes();
        }
        var buffer: [ending_bytes_max]u8 = undefined;
        batch.state = .found;
        batch.reply = .init(200, length + ending(&buffer, queries.items.len).len);
    }

    /// Writes the reply to `out`, which has its length.
    pub fn write(batch: *Batch, out: []u8) void {
        if (batch.state == .text) return batch.state.text.write(out);
        @memcpy(out[0..preamble.len], preamble);
        var at = preamble.len;
        for (batch.workers) |*worker| {
            const bytes = worker.lengthBytes();
            worker.out = out[at..][0..bytes];
            at += bytes;
        }
        if (out.len >= bytes_per_thread_min) {
            inParallel(batch.workers, Worker.write);
        } else for (batch.workers) |*worker| worker.write();
        // The ending goes over the last comma.
        var buffer: [ending_bytes_max]u8 = undefined;
        const tail = ending(&buffer, batch.answers.len);
        @memcpy(out[at - 1 ..], tail);
    }

    /// The length of the next piece of a found reply; 0 after the last.
    pub fn pieceBytes(batch: *Batch) usize {
        if (batch.place == batch.answers.len) return 0;
        var length: usize = if (batch.place == 0) preamble.len else 0;
        batch.piece_end = batch.place;
        while (batch.piece_end < batch.answers.len and length < piece_bytes_min) : (batch.piece_end += 1) {
            length += batch.answers[batch.piece_end].length_bytes + 1;
        }
        if (batch.piece_end < batch.answers.len) return length;
        var buffer: [ending_bytes_max]u8 = undefined;
        return length - 1 + ending(&buffer, batch.answers.len).len;
    }

    /// Writes the next piece to `out`, which has the length that `pieceBytes` gave. All pieces
    /// together are what `write` writes.
    pub fn writePiece(batch: *Batch, out: []u8) void {
        var at: usize = 0;
        if (batch.place == 0) {
            @memcpy(out[0..preamble.len], preamble);
            at = preamble.len;
        }
        for (batch.workers) |*worker| {
            const first = @max(batch.place, worker.begin);
            const last = @min(batch.piece_end, worker.end);
            if (first >= last) continue;
            for (batch.answers[first..last]) |one| {
                replies.write(one.family, worker.rows.items[one.first..][0..one.count], one.quantity, out[at..][0..one.length_bytes]);
                at += one.length_bytes;
                if (at < out.len) out[at] = ',';
                at += 1;
            }
        }
        batch.place = batch.piece_end;
        if (batch.place < batch.answers.len) return;
        var buffer: [ending_bytes_max]u8 = undefined;
        const tail = ending(&buffer, batch.answers.len);
        @memcpy(out[at - 1 ..], tail);
    }

    pub fn end(batch: *Batch) void {
        for (batch.workers) |*worker| worker.rows.deinit(gpa);
        gpa.free(batch.workers);
        gpa.free(batch.answers);
    }
};

fn split(body: []const u8, document: *json.Document, queries: *std.ArrayList(json.Value), complaint: *Complaint) !void {
    const value = try request.parseBody(body, document, complaint);
    if (value.kind != .object) return complaint.invalid("body: must be an object", .{});
    var fields: Fields = undefined;
    try request.collect(Fields, &fields, value, complaint);
    const list = fields.queries orelse return complaint.invalid("queries: required", .{});
    const wanted = "queries: must be a list of 1 to {d} queries";
    if (list.kind != .array) return complaint.invalid(wanted, .{queries_max});
    var elements = list.elements();
    while (elements.next()) |element| {
        if (queries.items.len == queries_max) return complaint.invalid(wanted, .{queries_max});
        try queries.append(gpa, element);
    }
    if (queries.items.len == 0) return complaint.invalid(wanted, .{queries_max});
}

const ending_bytes_max = 40;

fn ending(buffer: *[ending_bytes_max]u8, query_count: usize) []const u8 {
    return std.mem.print(buffer, "],\"total_queries\":{d}}}", .{query_count}) catch unreachable;
}

/// Each worker in a thread of its own, the first in this one; all of them where there are none.
fn inParallel(workers: []Worker, comptime work: fn (*Worker) void) void {
    var threads: [threads_max]?std.Thread = @splat(null);
    for (workers[1..], 1..) |*worker, number| {
        threads[number] = std.Thread.spawn(.{ .stack_size = 512 << 10 }, work, .{worker}) catch null;
    }
    work(&workers[0]);
    for (workers[1..], 1..) |*worker, number| {
        if (threads[number]) |thread| thread.join() else work(worker);
    }
}
