//! Finds the cheapest rows of a query at its quantity.
//!
//! Four ways, chosen by what each would cost. Three take all rows that match, as a query in the
//! usual order finds them, and keep the cheapest:
//!
//! scan      all rows, vectors of codes;
//! package   the package's own rows, which lie together;
//! postings  the rows of the most selective filter.
//!
//! The fourth takes rows in the order of their lowest price in the quantity's band and stops as
//! soon as no later row can be cheaper than the worst of those that it keeps.
const std = @import("std");
const finding = @import("find.zig");
const prices = @import("prices.zig");
const scanning = @import("scan.zig");
const Query = @import("query.zig").Query;
const limit_max = @import("query.zig").limit_max;

const Error = finding.Error;
const Filter = scanning.Filter;

/// Costs of a row in nanoseconds, as in `find.zig`.
const match_ns = 8.0;
const ordered_ns = 14.0;
/// How many rows a band's order leads to for each that a price's own order would.
const detour = 2.0;

/// The smallest keys of many, kept as a heap with the largest on top. A key is a price's code and
/// then the row, so that equal prices go by rank.
const Cheapest = struct {
    keys: [limit_max]u64 = undefined,
    count: usize = 0,
    limit: usize,

    fn add(cheapest: *Cheapest, key: u64) void {
        if (cheapest.count < cheapest.limit) {
            cheapest.keys[cheapest.count] = key;
            cheapest.count += 1;
            cheapest.up();
        } else if (key < cheapest.keys[0]) {
            cheapest.keys[0] = key;
            cheapest.down();
        }
    }

    /// Whether no key from `key` on can be among the smallest.
    fn done(cheapest: *const Cheapest, key: u64) bool {
        return cheapest.count == cheapest.limit and key > cheapest.keys[0];
    }

    fn up(cheapest: *Cheapest) void {
        var at = cheapest.count - 1;
        while (at > 0) {
            const parent = (at - 1) / 2;
            if (cheapest.keys[parent] >= cheapest.keys[at]) return;
            std.mem.swap(u64, &cheapest.keys[parent], &cheapest.keys[at]);
            at = parent;
        }
    }

    fn down(cheapest: *Cheapest) void {
        var at: usize = 0;
        while (true) {
            var largest = at;
            for ([_]usize{ 2 * at + 1, 2 * at + 2 }) |child| {
                if (child < cheapest.count and cheapest.keys[child] > cheapest.keys[largest]) largest = child;
            }
            if (largest == at) return;
            std.mem.swap(u64, &cheapest.keys[largest], &cheapest.keys[at]);
            at = largest;
        }
    }

    fn finish(cheapest: *Cheapest, rows: []u32) u32 {
        const keys = cheapest.keys[0..cheapest.count];
        std.mem.sortUnstable(u64, keys, {}, std.sort.asc(u64));
        for (keys, rows[0..keys.len]) |key, *row| row.* = @truncate(key);
        return @intCast(keys.len);
    }
};

/// One search: what is asked, and what was found so far.
const Search = struct {
    query: *const Query,
    plan: *const finding.Plan,
    stocked: *const finding.Stocked,
    quantity: u32,
    cheapest: Cheapest,

    fn take(search: *Search, row: u32) Error!void {
        const code = try search.query.family.prices.at(row, search.quantity);
        search.cheapest.add(keyOf(code, row));
    }

    fn isStocked(search: *const Search, row: u32) bool {
        return search.stocked.rows == search.query.family.rows or search.stocked.has(row);
    }
};

fn keyOf(code: u32, row: u32) u64 {
    return @as(u64, code) << 32 | row;
}

/// Fills `rows` with the cheapest rows, cheapest first, and returns how many there are.
pub fn find(query: *const Query, plan: *const finding.Plan, stocked: *const finding.Stocked, rows: *[limit_max]u32) Error!u32 {
    var search: Search = .{
        .query = query,
        .plan = plan,
        .stocked = stocked,
        .quantity = query.quantity(),
        .cheapest = .{ .limit = query.limit },
    };
    switch (quickest(&search)) {
        .scan => try scanAll(&search),
        .package => try scanPackage(&search),
        .postings => try readPostings(&search),
        .ordered => try readOrdered(&search),
    }
    return search.cheapest.finish(rows);
}

const Way = enum { scan, package, postings, ordered };

fn quickest(search: *const Search) Way {
    const query = search.query;
    const plan = search.plan;
    const rows: f64 = @floatFromInt(query.family.rows);
    const stocked: f64 = @floatFromInt(search.stocked.rows);
    const matching = @max(plan.share * stocked, 1e-9);
    const limit: f64 = @floatFromInt(query.limit);
    var way: Way = .ordered;
    // Rows until there are enough matches, or all of them.
    var best_ns = @min(rows, detour * limit * rows / matching) * ordered_ns;
    if (plan.count == 0) return way;

    var codes: [scanning.filters_max]Filter = undefined;
    const scan_ns = stocked * finding.rowNs(plan.filters(query, null, false, &codes)) + matching * match_ns;
    if (scan_ns < best_ns) {
        way = .scan;
        best_ns = scan_ns;
    }
    if (finding.packageOf(query)) |code| {
        const run: f64 = @floatFromInt(query.family.columns[0].count(code, code));
        const filters = plan.filters(query, 0, true, &codes);
        const ns = run * stocked / rows * finding.rowNs(filters) + matching * match_ns;
        if (ns < best_ns) {
            way = .package;
            best_ns = ns;
        }
    }
    const posted: f64 = @floatFromInt(plan.counts[0]);
    const ns = posted * finding.posting_ns + matching * match_ns;
    return if (ns < best_ns) .postings else way;
}

/// So many positions at a time: as many matches as the buffer has room for.
const stretch = 512;

fn scanRange(search: *Search, filters: []const Filter, begin: u32, end: u32, order: ?[]const u32) Error!void {
    var buffer: [stretch]u32 = undefined;
    var at = begin;
    while (at < end) {
        const stop = @min(end, at +| stretch);
        var found: scanning.Found = .{ .rows = &buffer };
        scanning.scan(filters, at, stop, order, &found);
        for (buffer[0..found.count]) |row| {
            if (row >= search.query.family.rows) return error.DamagedIndex;
            try search.take(row);
        }
        at = stop;
    }
}

fn scanAll(search: *Search) Error!void {
    var codes: [scanning.filters_max]Filter = undefined;
    const filters = search.plan.filters(search.query, null, false, &codes);
    const stocked = search.stocked;
    for (stocked.begins[0..stocked.count], stocked.ends[0..stocked.count]) |begin, end| {
        try scanRange(search, filters, begin, end, null);
    }
}

fn scanPackage(search: *Search) Error!void {
    var codes: [scanning.filters_max]Filter = undefined;
    const filters = search.plan.filters(search.query, 0, true, &codes);
    const package = &search.query.family.columns[0];
    const code = finding.packageOf(search.query).?;
    const first = package.starts[code - 1];
    const run = package.postings[first..package.starts[code]];
    const stocked = search.stocked;
    for (stocked.begins[0..stocked.count], stocked.ends[0..stocked.count]) |begin, end| {
        const from: u32 = @intCast(std.sort.partitionPoint(u32, run, begin, finding.isBefore));
        const to: u32 = @intCast(std.sort.partitionPoint(u32, run, end, finding.isBefore));
        if (from < to) try scanRange(search, filters, first + from, first + to, package.postings);
    }
}

fn readPostings(search: *Search) Error!void {
    const query = search.query;
    const place = search.plan.places[0];
    const column = &query.family.columns[place];
    const postings = column.postings[column.starts[query.low[place] - 1]..column.starts[query.high[place]]];
    for (postings) |row| {
        if (row >= query.family.rows) return error.DamagedIndex;
        if (!search.isStocked(row)) continue;
        if (finding.passes(query, search.plan.places[1..search.plan.count], row)) try search.take(row);
    }
}

fn readOrdered(search: *Search) Error!void {
    const query = search.query;
    const band = prices.bandOf(search.quantity);
    for (query.family.prices.order(band)) |row| {
        if (row >= query.family.rows) return error.DamagedIndex;
        if (!search.isStocked(row)) continue;
        if (!finding.passes(query, search.plan.places[0..search.plan.count], row)) continue;
        if (search.cheapest.done(keyOf(try query.family.prices.lowest(row, band), row))) return;
        try search.take(row);
    }
}

test "the smallest keys of many, in order" {
    var prng: std.Random.DefaultPrng = .init(5);
    var keys: [3000]u64 = undefined;
    for (&keys, 0..) |*key, index| key.* = keyOf(@intCast(index / 7), @intCast(index));
    for ([_]usize{ 1, 2, 50, 500 }) |limit| {
        prng.random().shuffle(u64, &keys);
        var cheapest: Cheapest = .{ .limit = limit };
        for (keys) |key| cheapest.add(key);
        var rows: [limit_max]u32 = undefined;
        try std.testing.expectEqual(limit, cheapest.finish(&rows));
        for (rows[0..limit], 0..) |row, index| try std.testing.expectEqual(index, row);
    }
}
