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
const limit_max = @import("query.zig").limit_max;

const queries_max = 1000;
const threads_max = 16;
/// A thread costs about as much as so many queries.
const queries_per_thread_min = 32;
/// Fewer bytes are copied before a thread has started.
const bytes_per_thread_min = 1 << 20;

const preamble = "{\"results\":[";

/// A query's answer before it is written: where its rows lie in its worker's list.
const Answer = struct {
    family: *const Family,
    first: usize,
    count: u32,
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
    complaint: Complaint = .{},
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
        const asked = try request.parse(worker.index, worker.queries[place], &worker.complaint);
        try worker.rows.ensureUnusedCapacity(std.heap.c_allocator, limit_max);
        const first = worker.rows.items.len;
        const room = worker.rows.unusedCapacitySlice()[0..limit_max];
        const count = try finding.find(&asked, room);
        worker.rows.items.len += count;
        const length = try replies.lengthBytes(asked.family, room[0..count]);
        worker.answers[place] = .{ .family = asked.family, .first = first, .count = count, .length_bytes = length };
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
            replies.write(one.family, worker.rows.items[one.first..][0..one.count], worker.out[at..][0..one.length_bytes]);
            at += one.length_bytes;
            worker.out[at] = ',';
            at += 1;
        }
    }
};

const Fields = struct { queries: ?json.Value = null };

/// Answers `{"queries": […]}`.
pub fn query(index: *const Index, body: []const u8, out: []u8) answer.Reply {
    var complaint: Complaint = .{};
    const gpa = std.heap.c_allocator;
    var document: json.Document = .{};
    defer document.deinit();
    var queries: std.ArrayList(json.Value) = .empty;
    defer queries.deinit(gpa);
    split(body, &document, &queries, &complaint) catch |err| return switch (err) {
        error.OutOfMemory => answer.outOfMemory(out),
        error.Refused => answer.refusal(&complaint, out),
    };
    const answers = gpa.alloc(Answer, queries.items.len) catch return answer.outOfMemory(out);
    defer gpa.free(answers);

    const cores = std.Thread.getCpuCount() catch 1;
    const count = @max(1, @min(threads_max, cores, queries.items.len / queries_per_thread_min));
    const workers = gpa.alloc(Worker, count) catch return answer.outOfMemory(out);
    defer gpa.free(workers);
    for (workers, 0..) |*worker, number| worker.* = .{
        .index = index,
        .queries = queries.items,
        .answers = answers,
        .begin = number * queries.items.len / count,
        .end = (number + 1) * queries.items.len / count,
    };
    defer for (workers) |*worker| worker.rows.deinit(gpa);
    inParallel(workers, Worker.find);
    for (workers) |*worker| if (worker.failure) |failure| return switch (failure) {
        error.Refused => answer.refusal(&worker.complaint, out),
        error.DamagedIndex => answer.damaged(out),
        error.OutOfMemory => answer.outOfMemory(out),
    };
    return assemble(workers, queries.items.len, out);
}

fn split(body: []const u8, document: *json.Document, queries: *std.ArrayList(json.Value), complaint: *Complaint) !void {
    const value = try request.parseBody(body, document, complaint);
    if (value.kind != .object) return complaint.invalid("body: must be an object", .{});
    const fields = try request.collect(Fields, value, "", complaint);
    const list = fields.queries orelse return complaint.invalid("queries: required", .{});
    const wanted = "queries: must be a list of 1 to {d} queries";
    if (list.kind != .array) return complaint.invalid(wanted, .{queries_max});
    var elements = list.elements();
    while (elements.next()) |element| {
        if (queries.items.len == queries_max) return complaint.invalid(wanted, .{queries_max});
        try queries.append(std.heap.c_allocator, element);
    }
    if (queries.items.len == 0) return complaint.invalid(wanted, .{queries_max});
}

fn assemble(workers: []Worker, query_count: usize, out: []u8) answer.Reply {
    var tail_buffer: [40]u8 = undefined;
    const tail = std.mem.print(&tail_buffer, "],\"total_queries\":{d}}}", .{query_count}) catch unreachable;
    var length = preamble.len + tail.len - 1;
    for (workers) |*worker| length += worker.lengthBytes();
    if (length > out.len) return .init(200, length);
    @memcpy(out[0..preamble.len], preamble);
    var at = preamble.len;
    for (workers) |*worker| {
        const bytes = worker.lengthBytes();
        worker.out = out[at..][0..bytes];
        at += bytes;
    }
    if (length >= bytes_per_thread_min) {
        inParallel(workers, Worker.write);
    } else for (workers) |*worker| worker.write();
    // The ending goes over the last comma.
    @memcpy(out[at - 1 ..][0..tail.len], tail);
    std.debug.assert(at - 1 + tail.len == length);
    return .init(200, length);
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
