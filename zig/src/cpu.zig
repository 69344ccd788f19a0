//! What this processor can do: whether it runs the library at all, and whether it has more.
const std = @import("std");
const builtin = @import("builtin");

const Registers = struct { eax: u32, ebx: u32, ecx: u32, edx: u32 };

fn cpuid(leaf: u32, subleaf: u32) Registers {
    var eax: u32 = undefined;
    var ebx: u32 = undefined;
    var ecx: u32 = undefined;
    var edx: u32 = undefined;
    asm volatile ("cpuid"
        : [eax] "={eax}" (eax),
          [ebx] "={ebx}" (ebx),
          [ecx] "={ecx}" (ecx),
          [edx] "={edx}" (edx),
        : [leaf] "{eax}" (leaf),
          [subleaf] "{ecx}" (subleaf),
    );
    return .{ .eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };
}

/// CPUID leaf 1, ECX: SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT, which are x86-64-v2.
const x86_64_v2: u32 = 1 << 0 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23;

/// 1 where the processor has every instruction that the library is compiled for, else 0.
export fn library_cpu_supported() u32 {
    if (builtin.cpu.arch != .x86_64) return 1;
    return @intFromBool(cpuid(1, 0).ecx & x86_64_v2 == x86_64_v2);
}

/// Beyond x86-64-v2, what x86-64-v4 has; see the System V ABI, "Micro-Architecture Levels".
const Wide = struct {
    /// Leaf 1, ECX: FMA, MOVBE, OSXSAVE, AVX, F16C.
    const basic: u32 = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29;
    /// Leaf 7, EBX: BMI1, AVX2, BMI2, AVX512F, AVX512DQ, AVX512CD, AVX512BW, AVX512VL.
    const extended: u32 = 1 << 3 | 1 << 5 | 1 << 8 | 1 << 16 | 1 << 17 | 1 << 28 | 1 << 30 | 1 << 31;
    /// Leaf 0x80000001, ECX: LZCNT.
    const more: u32 = 1 << 5;
    /// XCR0: the system keeps the registers SSE, AVX, and the three parts of AVX-512.
    const kept: u32 = 1 << 1 | 1 << 2 | 0b111 << 5;

    fn found() bool {
        if (builtin.cpu.arch != .x86_64) return false;
        if (cpuid(0, 0).eax < 7 or cpuid(0x8000_0000, 0).eax < 0x8000_0001) return false;
        if (cpuid(1, 0).ecx & basic != basic) return false;
        if (cpuid(7, 0).ebx & extended != extended) return false;
        return cpuid(0x8000_0001, 0).ecx & more == more and xcr0() & kept == kept;
    }

    fn xcr0() u32 {
        return asm volatile ("xgetbv"
            : [low] "={eax}" (-> u32),
            : [register] "{ecx}" (@as(u32, 0)),
            : .{ .edx = true });
    }
};

/// 0: not looked yet; 1: no; 2: yes. A virtual machine takes long over CPUID.
var has_avx512: std.atomic.Value(u8) = .init(0);

/// Whether code for x86-64-v4 may run here.
pub fn hasAvx512() bool {
    const known = has_avx512.load(.monotonic);
    if (known != 0) return known == 2;
    const found = Wide.found();
    has_avx512.store(if (found) 2 else 1, .monotonic);
    return found;
}

test "what is asked again is answered the same" {
    const first = hasAvx512();
    try std.testing.expectEqual(first, hasAvx512());
    try std.testing.expectEqual(first, Wide.found());
}

test "the processor that runs the tests is supported" {
    try std.testing.expectEqual(1, library_cpu_supported());
}
