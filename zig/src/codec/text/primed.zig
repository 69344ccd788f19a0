//! Models that have read a primer, kept for any number of texts.
const std = @import("std");
const arithmetic = @import("arithmetic.zig");
const coding = @import("coding.zig");
const figures = @import("v2/figures.zig");
const uuids = @import("uuids.zig");

pub const Version = enum(u8) {
    one = 1,
    /// Numbers as they were drawn, and a model that knows more contexts and mixes them in two
    /// layers.
    two = 2,

    pub fn Module(comptime version: Version) type {
        return switch (version) {
            .one => @import("v1/model.zig"),
            .two => @import("v2/model.zig"),
        };
    }
};

/// A model learns this text before each file; more would cost more than it gains.
pub const primer_max = 256 << 10;
pub const Error = error{ Unsupported, Damaged, OutOfMemory };

const spare_count = 4;

/// A model of `version` that has read a primer, and the primer's text. Any number of threads may use
/// it.
pub fn Primed(comptime version: Version) type {
    return struct {
        const Self = @This();
        const module = version.Module();
        pub const Model = module.Model;

        gpa: std.mem.Allocator,
        text: []u8,
        small: *Model,
        /// Made when it is first needed.
        large: std.atomic.Value(?*Model) = .init(null),
        /// Copies of the small model that are not in use: fresh memory costs more than the copying.
        spare: [spare_count]std.atomic.Value(?*Model) = @splat(.init(null)),

        /// error.Unsupported where the primer is too long.
        pub fn create(gpa: std.mem.Allocator, primer: []const u8) Error!*Self {
            if (primer.len > primer_max) return error.Unsupported;
            var arena_state = std.heap.ArenaAllocator.init(gpa);
            defer arena_state.deinit();
            const self = try gpa.create(Self);
            errdefer gpa.destroy(self);
            const text = try gpa.dupe(u8, try bare(arena_state.allocator(), primer));
            errdefer gpa.free(text);
            self.* = .{ .gpa = gpa, .text = text, .small = try .create(gpa, module.small_slots) };
            learn(self.small, text);
            return self;
        }

        pub fn destroy(self: *Self) void {
            const gpa = self.gpa;
            for (&self.spare) |*place| if (place.load(.acquire)) |model| model.destroy(gpa);
            if (self.large.load(.acquire)) |model| model.destroy(gpa);
            self.small.destroy(gpa);
            gpa.free(self.text);
            gpa.destroy(self);
        }

        /// A primer as the texts that the model codes are.
        fn bare(arena: std.mem.Allocator, primer: []const u8) Error![]const u8 {
            if (version == .one) {
                return if (try uuids.strip(arena, primer)) |found| found.text else primer;
            }
            const stripped = if (try uuids.stripPiece(arena, primer)) |found| found.text else primer;
            return try figures.shorten(arena, stripped) orelse stripped;
        }

        /// A copy of the model for a text of `size` bytes, to be given back to `release`.
        pub fn acquire(self: *Self, size: usize) Error!*Model {
            if (size > module.small_max) return .clone(self.gpa, try self.largeModel());
            for (&self.spare) |*place| if (place.swap(null, .acq_rel)) |model| {
                model.copy(self.small);
                return model;
            };
            return .clone(self.gpa, self.small);
        }

        pub fn release(self: *Self, model: *Model, size: usize) void {
            if (size <= module.small_max) {
                for (&self.spare) |*place| {
                    if (place.cmpxchgStrong(null, model, .acq_rel, .acquire) == null) return;
                }
            }
            model.destroy(self.gpa);
        }

        fn largeModel(self: *Self) Error!*Model {
            if (self.large.load(.acquire)) |model| return model;
            const model = try Model.create(self.gpa, module.large_slots);
            learn(model, self.text);
            // Another thread may have been faster; both models are the same.
            if (self.large.cmpxchgStrong(null, model, .acq_rel, .acquire)) |faster| {
                model.destroy(self.gpa);
                return faster.?;
            }
            return model;
        }

        /// Has `model` read `primer`.
        fn learn(model: *Model, primer: []const u8) void {
            var nowhere: [0]u8 = .{};
            var encoder: arithmetic.Encoder = .{ .output = &nowhere };
            coding.encodeBytes(model, &encoder, primer, 0);
            model.start();
        }
    };
}
