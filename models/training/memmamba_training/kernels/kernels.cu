// GPU kernels of the training: selective scan, causal convolution, norms and scores with their gradients,
// the prefix state pool and the head's cross-entropy. Compiled at run time by `cuda.py`, with IO_BF16
// defined for bf16 activations (f32 otherwise). Shapes: B batch, L tokens, E channels, N = 16 states;
// activations are (B, L, E) with a row stride given in elements, everything else is contiguous f32.

#ifdef IO_BF16
typedef unsigned short io_t;
struct __align__(8) io4 { io_t x, y, z, w; };
__device__ __forceinline__ float read_io(io_t v) { return __uint_as_float((unsigned)v << 16); }
__device__ __forceinline__ io_t write_io(float f) {
  unsigned u = __float_as_uint(f);
  return (io_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);  // round to nearest even
}
#else
typedef float io_t;
struct __align__(16) io4 { io_t x, y, z, w; };
__device__ __forceinline__ float read_io(io_t v) { return v; }
__device__ __forceinline__ io_t write_io(float f) { return f; }
#endif

#define N_STATE 16
#define LANES 4      // threads a channel, each with 4 states
#define STATES 4
#define CHANNELS 32  // channels a block of 128 threads
#define TILE 16      // tokens a tile; the forward pass keeps the state at every tile's start
#define HALF 8       // the backward pass holds the states of half a tile in registers
#define GROUPS (CHANNELS / 4)  // four channels a thread where a tile is moved: 16 × 8 = 128 threads
#ifndef FORWARD_BLOCKS
#define FORWARD_BLOCKS 6
#endif
#ifndef BACKWARD_BLOCKS
#define BACKWARD_BLOCKS 4
#endif
#define LOG2E 1.4426950408889634f

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + __expf(-x)); }
__device__ __forceinline__ float softplus(float x) { return x > 20.f ? x : log1pf(__expf(x)); }
__device__ __forceinline__ float power2(float x) {
#ifdef __CUDA_ARCH__
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return exp2f(x);
#endif
}
__device__ __forceinline__ float4 read4(io4 v) {
  return make_float4(read_io(v.x), read_io(v.y), read_io(v.z), read_io(v.w));
}
__device__ __forceinline__ io4 write4(float4 v) {
  io4 to = {write_io(v.x), write_io(v.y), write_io(v.z), write_io(v.w)};
  return to;
}
__device__ __forceinline__ float4 softplus4(float4 v, float4 bias) {
  return make_float4(softplus(v.x + bias.x), softplus(v.y + bias.y), softplus(v.z + bias.z),
                     softplus(v.w + bias.w));
}

// What one thread moves of a tile: four channels of one token, and four values of B (threads 0 … 63)
// or of C (64 … 127). The next tile is fetched while the present one is computed.
struct Moved {
  io4 u, raw, z, dy;
  float4 bc;
};

template <bool GRADIENT>
__device__ __forceinline__ Moved fetch(const io_t* u, const io_t* raw, const io_t* z, long z_stride,
                                       const io_t* dy, const float* b, const float* c, long batch, int t0,
                                       int first, int length, int channels) {
  Moved m = {};
  const int t = t0 + threadIdx.x / GROUPS, e = first + threadIdx.x % GROUPS * 4;
  if (t < length) {
    const long row = batch * length + t;
    m.u = *(const io4*)(u + row * channels + e);
    m.raw = *(const io4*)(raw + row * channels + e);
    m.z = *(const io4*)(z + row * z_stride + e);
    if (GRADIENT) m.dy = *(const io4*)(dy + row * channels + e);
  }
  const int i = threadIdx.x % 64, at = t0 + i / 4;
  const float* from = threadIdx.x < 64 ? b : c;
  if (at < length) m.bc = *(const float4*)(from + (batch * length + at) * N_STATE + i % 4 * 4);
  return m;
}

// Selective scan. Grid (E / CHANNELS, B). `starts` (B, ceil(L / TILE), E, N) receives the state before
// every tile, or is null where no gradient is wanted.
extern "C" __global__ void __launch_bounds__(128, FORWARD_BLOCKS) scan_forward(
    const io_t* u, const io_t* raw, const io_t* z, long z_stride, const float* bias, const float* a,
    const float* b, const float* c, const float* d, io_t* y, float* end, float* starts, int length,
    int channels) {
  __shared__ __align__(16) float su[TILE][CHANNELS], sdt[TILE][CHANNELS], sy[TILE][CHANNELS];
  __shared__ __align__(16) float sbc[2][TILE][N_STATE];
  const int lane = threadIdx.x % LANES, local = threadIdx.x / LANES;
  const int first = blockIdx.x * CHANNELS, channel = first + local;
  const int row = threadIdx.x / GROUPS, column = threadIdx.x % GROUPS * 4;
  const long batch = blockIdx.y;
  const int tiles = (length + TILE - 1) / TILE;
  const float4 shift = *(const float4*)(bias + first + column);
  float decay[STATES], h[STATES];
#pragma unroll
  for (int s = 0; s < STATES; s++) {
    decay[s] = a[channel * N_STATE + lane * STATES + s] * LOG2E;
    h[s] = 0.f;
  }
  const float skip = d[channel];
  Moved next = fetch<false>(u, raw, z, z_stride, nullptr, b, c, batch, 0, first, length, channels);
  for (int tile = 0; tile < tiles; tile++) {
    const int t0 = tile * TILE;
    const Moved now = next;
    const bool inside = t0 + row < length;
    // Past the end Δ = 0 and B = 0, so the state stays as it is.
    *(float4*)&su[row][column] = read4(now.u);
    *(float4*)&sdt[row][column] =
        inside ? softplus4(read4(now.raw), shift) : make_float4(0.f, 0.f, 0.f, 0.f);
    *(float4*)&sbc[threadIdx.x / 64][threadIdx.x % 64 / 4][threadIdx.x % 4 * 4] = now.bc;
    __syncthreads();
    if (tile + 1 < tiles)
      next = fetch<false>(u, raw, z, z_stride, nullptr, b, c, batch, t0 + TILE, first, length, channels);
    if (starts)
      *(float4*)(starts + ((batch * tiles + tile) * channels + channel) * N_STATE + lane * STATES) =
          make_float4(h[0], h[1], h[2], h[3]);
#pragma unroll
    for (int t = 0; t < TILE; t++) {
      const float dt = sdt[t][local], x = su[t][local], w = dt * x;
      const float4 bt = *(const float4*)&sbc[0][t][lane * STATES];
      const float4 ct = *(const float4*)&sbc[1][t][lane * STATES];
      h[0] = power2(dt * decay[0]) * h[0] + w * bt.x;
      h[1] = power2(dt * decay[1]) * h[1] + w * bt.y;
      h[2] = power2(dt * decay[2]) * h[2] + w * bt.z;
      h[3] = power2(dt * decay[3]) * h[3] + w * bt.w;
      float sum = h[0] * ct.x + h[1] * ct.y + h[2] * ct.z + h[3] * ct.w;
      sum += __shfl_xor_sync(~0u, sum, 1);
      sum += __shfl_xor_sync(~0u, sum, 2);
      if (lane == 0) sy[t][local] = sum + skip * x;
    }
    __syncthreads();
    if (inside) {
      const float4 out = *(const float4*)&sy[row][column], gate = read4(now.z);
      *(io4*)(y + (batch * length + t0 + row) * channels + first + column) =
          write4(make_float4(out.x * gate.x * sigmoid(gate.x), out.y * gate.y * sigmoid(gate.y),
                             out.z * gate.z * sigmoid(gate.z), out.w * gate.w * sigmoid(gate.w)));
    }
  }
  *(float4*)(end + (batch * channels + channel) * N_STATE + lane * STATES) =
      make_float4(h[0], h[1], h[2], h[3]);
}

// Gradient of the selective scan: tiles from the last to the first, in each the later half before the
// earlier; the states of a half are computed again from the saved start of its tile and kept in registers.
// db and dc are added to (B, L, N) f32 buffers that start at zero, likewise da (E, N), dd (E), dbias (E).
extern "C" __global__ void __launch_bounds__(128, BACKWARD_BLOCKS) scan_backward(
    const io_t* u, const io_t* raw, const io_t* z, long z_stride, const float* bias, const float* a,
    const float* b, const float* c, const float* d, const float* starts, const io_t* dy, io_t* du,
    io_t* draw, io_t* dz, float* da, float* db, float* dc, float* dd, float* dbias, int length,
    int channels) {
  // Inputs first; each place is overwritten by its gradient once all its readers are done.
  __shared__ __align__(16) float su[TILE][CHANNELS], sdt[TILE][CHANNELS], sz[TILE][CHANNELS];
  __shared__ __align__(16) float sg[TILE][CHANNELS], sbc[2][TILE][N_STATE];
  __shared__ __align__(16) float spart[4][TILE][2 * N_STATE];
  const int lane = threadIdx.x % LANES, local = threadIdx.x / LANES, warp = threadIdx.x / 32;
  const int group = threadIdx.x % 32 / LANES;  // channel within the warp, 0 … 7
  const int first = blockIdx.x * CHANNELS, channel = first + local;
  const int row = threadIdx.x / GROUPS, column = threadIdx.x % GROUPS * 4;
  const long batch = blockIdx.y;
  const int tiles = (length + TILE - 1) / TILE;
  const float4 shift = *(const float4*)(bias + first + column);
  float rate[STATES], dh[STATES], da_sum[STATES];
#pragma unroll
  for (int s = 0; s < STATES; s++) {
    rate[s] = a[channel * N_STATE + lane * STATES + s];
    dh[s] = 0.f;
    da_sum[s] = 0.f;
  }
  const float skip = d[channel];
  float dd_sum = 0.f, dbias_sum = 0.f;
  const float* saved = starts + (batch * tiles * channels + channel) * N_STATE + lane * STATES;
  const long saved_stride = (long)channels * N_STATE;
  int last = (tiles - 1) * TILE;
  Moved next = fetch<true>(u, raw, z, z_stride, dy, b, c, batch, last, first, length, channels);
  float4 next_start = *(const float4*)(saved + (tiles - 1) * saved_stride);
  for (int tile = tiles - 1; tile >= 0; tile--) {
    const int t0 = tile * TILE;
    const Moved now = next;
    const float4 start = next_start;
    const bool inside = t0 + row < length;
    *(float4*)&su[row][column] = read4(now.u);
    *(float4*)&sdt[row][column] =
        inside ? softplus4(read4(now.raw), shift) : make_float4(0.f, 0.f, 0.f, 0.f);
    *(float4*)&sz[row][column] = read4(now.z);
    *(float4*)&sg[row][column] = read4(now.dy);
    *(float4*)&sbc[threadIdx.x / 64][threadIdx.x % 64 / 4][threadIdx.x % 4 * 4] = now.bc;
    __syncthreads();
    if (tile > 0) {
      next = fetch<true>(u, raw, z, z_stride, dy, b, c, batch, t0 - TILE, first, length, channels);
      next_start = *(const float4*)(saved + (tile - 1) * saved_stride);
    }
    float middle[STATES] = {start.x, start.y, start.z, start.w};
    for (int t = 0; t < HALF; t++) {
      const float dt = sdt[t][local], w = dt * su[t][local];
      const float4 bt = *(const float4*)&sbc[0][t][lane * STATES];
      middle[0] = power2(dt * rate[0] * LOG2E) * middle[0] + w * bt.x;
      middle[1] = power2(dt * rate[1] * LOG2E) * middle[1] + w * bt.y;
      middle[2] = power2(dt * rate[2] * LOG2E) * middle[2] + w * bt.z;
      middle[3] = power2(dt * rate[3] * LOG2E) * middle[3] + w * bt.w;
    }
    for (int half = 1; half >= 0; half--) {
      const int begin = half * HALF;
      float h[HALF + 1][STATES];
      h[0][0] = half ? middle[0] : start.x;
      h[0][1] = half ? middle[1] : start.y;
      h[0][2] = half ? middle[2] : start.z;
      h[0][3] = half ? middle[3] : start.w;
#pragma unroll
      for (int t = 0; t < HALF; t++) {
        const float dt = sdt[begin + t][local], w = dt * su[begin + t][local];
        const float4 bt = *(const float4*)&sbc[0][begin + t][lane * STATES];
        h[t + 1][0] = power2(dt * rate[0] * LOG2E) * h[t][0] + w * bt.x;
        h[t + 1][1] = power2(dt * rate[1] * LOG2E) * h[t][1] + w * bt.y;
        h[t + 1][2] = power2(dt * rate[2] * LOG2E) * h[t][2] + w * bt.z;
        h[t + 1][3] = power2(dt * rate[3] * LOG2E) * h[t][3] + w * bt.w;
      }
#pragma unroll
      for (int step = HALF - 1; step >= 0; step--) {
        const int t = begin + step;
        const float dt = sdt[t][local], x = su[t][local], gate = sz[t][local], g = sg[t][local];
        const float4 b4 = *(const float4*)&sbc[0][t][lane * STATES];
        const float4 c4 = *(const float4*)&sbc[1][t][lane * STATES];
        const float bt[STATES] = {b4.x, b4.y, b4.z, b4.w}, ct[STATES] = {c4.x, c4.y, c4.z, c4.w};
        const float opened = sigmoid(gate), dout = g * gate * opened;  // gradient before the gate
        float sum = 0.f, dw = 0.f, ddt = 0.f, part[2 * STATES];
#pragma unroll
        for (int s = 0; s < STATES; s++) {
          sum += h[step + 1][s] * ct[s];
          dh[s] += ct[s] * dout;
          part[STATES + s] = dout * h[step + 1][s];  // dC
          part[s] = dh[s] * dt * x;                  // dB
          dw += dh[s] * bt[s];
          const float carried = dh[s] * power2(dt * rate[s] * LOG2E);
          ddt += carried * h[step][s] * rate[s];
          da_sum[s] += carried * h[step][s] * dt;
          dh[s] = carried;
        }
        sum += __shfl_xor_sync(~0u, sum, 1);
        dw += __shfl_xor_sync(~0u, dw, 1);
        ddt += __shfl_xor_sync(~0u, ddt, 1);
        sum += __shfl_xor_sync(~0u, sum, 2);
        dw += __shfl_xor_sync(~0u, dw, 2);
        ddt += __shfl_xor_sync(~0u, ddt, 2);
        // The four threads of a channel are of one warp and have read this token before the shuffles.
        if (lane == 0) {
          const float y = sum + skip * x;
          su[t][local] = dw * dt + skip * dout;
          // d softplus(r) = σ(r) = 1 - exp(-Δ)
          const float draw_t = (ddt + dw * x) * -expm1f(-dt);
          sdt[t][local] = draw_t;
          sz[t][local] = g * y * opened * (1.f + gate * (1.f - opened));
          dd_sum += dout * x;
          dbias_sum += draw_t;
        }
        // dB and dC are sums over channels: a reduce-scatter over the warp's 8 channels leaves each
        // lane with one of its 8 values.
        float four[4], two[2], one;
        const bool upper4 = group & 4, upper2 = group & 2, upper1 = group & 1;
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float give = upper4 ? part[i] : part[i + 4], keep = upper4 ? part[i + 4] : part[i];
          four[i] = keep + __shfl_xor_sync(~0u, give, 16);
        }
#pragma unroll
        for (int i = 0; i < 2; i++) {
          const float give = upper2 ? four[i] : four[i + 2], keep = upper2 ? four[i + 2] : four[i];
          two[i] = keep + __shfl_xor_sync(~0u, give, 8);
        }
        one = (upper1 ? two[1] : two[0]) + __shfl_xor_sync(~0u, upper1 ? two[0] : two[1], 4);
        // group 0 … 3: dB of state `group`; 4 … 7: dC of state `group - 4`.
        spart[warp][t][(group / 4) * N_STATE + lane * STATES + group % 4] = one;
      }
    }
    __syncthreads();
    if (inside) {
      // Here `row` is a token and `column` four of its 32 values of dB and dC, as well as four channels.
      float* to = column < N_STATE ? db : dc;
      to += (batch * length + t0 + row) * N_STATE + column % N_STATE;
#pragma unroll
      for (int i = 0; i < 4; i++)
        atomicAdd(to + i, spart[0][row][column + i] + spart[1][row][column + i] + spart[2][row][column + i] +
                              spart[3][row][column + i]);
      const long at = (batch * length + t0 + row) * channels + first + column;
      *(io4*)(du + at) = write4(*(const float4*)&su[row][column]);
      *(io4*)(draw + at) = write4(*(const float4*)&sdt[row][column]);
      *(io4*)(dz + at) = write4(*(const float4*)&sz[row][column]);
    }
    // A thread overwrites in the next tile only what it has read itself just now.
  }
#pragma unroll
  for (int s = 0; s < STATES; s++) atomicAdd(da + channel * N_STATE + lane * STATES + s, da_sum[s]);
  if (lane == 0) {
    atomicAdd(dd + channel, dd_sum);
    atomicAdd(dbias + channel, dbias_sum);
  }
}

#define TAPS 4
#define SPAN 64  // tokens a thread

// silu of the causal depthwise convolution. Grid (E / 128, ceil(L / SPAN), B), 128 threads.
extern "C" __global__ void conv_forward(const io_t* x, long x_stride, const float* weight,
                                        const float* bias, io_t* y, int length, int channels) {
  const int e = blockIdx.x * 128 + threadIdx.x, t0 = blockIdx.y * SPAN;
  const long batch = blockIdx.z;
  if (e >= channels) return;
  float w[TAPS], past[TAPS];
#pragma unroll
  for (int k = 0; k < TAPS; k++) w[k] = weight[e * TAPS + k];
  const float shift = bias[e];
#pragma unroll
  for (int k = 0; k < TAPS - 1; k++) {
    const int t = t0 - (TAPS - 1) + k;
    past[k + 1] = t >= 0 ? read_io(x[(batch * length + t) * x_stride + e]) : 0.f;
  }
  const int stop = min(t0 + SPAN, length);
  for (int t = t0; t < stop; t++) {
#pragma unroll
    for (int k = 0; k < TAPS - 1; k++) past[k] = past[k + 1];
    past[TAPS - 1] = read_io(x[(batch * length + t) * x_stride + e]);
    float sum = shift;
#pragma unroll
    for (int k = 0; k < TAPS; k++) sum += w[k] * past[k];
    y[(batch * length + t) * channels + e] = write_io(sum * sigmoid(sum));
  }
}

// Its gradient; dweight (E, TAPS) and dbias (E) are added to. A thread walks its span backwards with a
// halo of TAPS - 1 later tokens, whose outputs also depend on the span's inputs.
extern "C" __global__ void conv_backward(const io_t* x, long x_stride, const float* weight,
                                         const float* bias, const io_t* dy, io_t* dx, float* dweight,
                                         float* dbias, int length, int channels) {
  const int e = blockIdx.x * 128 + threadIdx.x, t0 = blockIdx.y * SPAN;
  const long batch = blockIdx.z;
  if (e >= channels) return;
  float w[TAPS], dw[TAPS], window[TAPS], later[TAPS];
#pragma unroll
  for (int k = 0; k < TAPS; k++) {
    w[k] = weight[e * TAPS + k];
    dw[k] = 0.f;
    later[k] = 0.f;
  }
  const float shift = bias[e];
  float db = 0.f;
  const int last = min(t0 + SPAN, length) - 1 + TAPS - 1;
#pragma unroll
  for (int k = 0; k < TAPS; k++) {
    const int t = last - (TAPS - 1) + k + 1;
    window[k] = t >= 0 && t < length ? read_io(x[(batch * length + t) * x_stride + e]) : 0.f;
  }
  for (int t = last; t >= t0; t--) {
    // window = x[t - TAPS + 1 … t]; later[k] = gradient of the convolution's output at t + k.
#pragma unroll
    for (int k = TAPS - 1; k > 0; k--) {
      window[k] = window[k - 1];
      later[k] = later[k - 1];
    }
    const int oldest = t - (TAPS - 1);
    window[0] = oldest >= 0 && oldest < length ? read_io(x[(batch * length + oldest) * x_stride + e]) : 0.f;
    float sum = shift;
#pragma unroll
    for (int k = 0; k < TAPS; k++) sum += w[k] * window[k];
    const float opened = sigmoid(sum);
    const float out = t < length ? read_io(dy[(batch * length + t) * channels + e]) : 0.f;
    later[0] = out * opened * (1.f + sum * (1.f - opened));
    if (t < t0 + SPAN && t < length) {
      float grad = 0.f;
#pragma unroll
      for (int k = 0; k < TAPS; k++) {
        grad += w[TAPS - 1 - k] * later[k];
        dw[k] += later[0] * window[k];
      }
      db += later[0];
      dx[(batch * length + t) * channels + e] = write_io(grad);
    }
  }
#pragma unroll
  for (int k = 0; k < TAPS; k++) atomicAdd(dweight + e * TAPS + k, dw[k]);
  atomicAdd(dbias + e, db);
}

#define POOL_MAX 128
#define MINUS_INFINITY __int_as_float(0xff800000)

// Prefix state pool: one block of 128 threads a sequence merges its chunks in order. pool + chunk is at
// most 128 entries; each counts how many beat it, which is its rank. Of equal scores the earlier entry
// wins: the pool lies before the chunk and is itself in order. positions (B, L / chunk, size).
extern "C" __global__ void __launch_bounds__(POOL_MAX) prefix_top(const float* scores, int* positions,
                                                                  int length, int chunk, int size,
                                                                  float threshold) {
  __shared__ float key[2][POOL_MAX];
  __shared__ int place[2][POOL_MAX];
  const long batch = blockIdx.x;
  const int i = threadIdx.x, total = size + chunk;
  int now = 0;
  if (i < size) {
    key[0][i] = MINUS_INFINITY;
    place[0][i] = -1;
  }
  for (int k = 0; k < length / chunk; k++) {
    const int next = 1 - now;
    if (i >= size && i < total) {
      const int t = k * chunk + i - size;
      const float s = scores[batch * length + t];
      const bool enters = s > threshold;
      key[now][i] = enters ? s : MINUS_INFINITY;
      place[now][i] = enters ? t : -1;
    }
    __syncthreads();
    if (i < total) {
      const float mine = key[now][i];
      int rank = 0;
      for (int j = 0; j < total; j++) {
        const float other = key[now][j];
        rank += other > mine || (other == mine && j < i);
      }
      if (rank < size) {
        key[next][rank] = mine;
        place[next][rank] = place[now][i];
        positions[(batch * (length / chunk) + k) * size + rank] = place[now][i];
      }
    }
    __syncthreads();
    now = next;
  }
}

#define NORM_WARPS 4
#define NORM_MAX 4  // up to 4 × 128 = 512 columns

__device__ __forceinline__ float warp_sum(float v) {
  for (int mask = 16; mask > 0; mask /= 2) v += __shfl_xor_sync(~0u, v, mask);
  return v;
}

// A lane's columns of a weight (width) that every row takes, and zeros for their gradient.
__device__ __forceinline__ void load_weight(
    float4 (&w)[NORM_MAX], float4 (&dw)[NORM_MAX], const float* weight, int lane, int width) {
#pragma unroll
  for (int i = 0; i < NORM_MAX; i++) {
    const int column = (i * 32 + lane) * 4;
    dw[i] = make_float4(0.f, 0.f, 0.f, 0.f);
    w[i] = column < width ? *(const float4*)(weight + column) : dw[i];
  }
}

// Adds a lane's columns of the gradient to that of all rows.
__device__ __forceinline__ void add_gradient(
    float* dweight, const float4 (&dw)[NORM_MAX], int lane, int width) {
#pragma unroll
  for (int i = 0; i < NORM_MAX; i++) {
    const int column = (i * 32 + lane) * 4;
    if (column >= width) break;
    atomicAdd(dweight + column, dw[i].x);
    atomicAdd(dweight + column + 1, dw[i].y);
    atomicAdd(dweight + column + 2, dw[i].z);
    atomicAdd(dweight + column + 3, dw[i].w);
  }
}

// Residual add and RMSNorm in one pass: x' = x + update, v = x' / rms(x') · weight. One warp a row of
// `width` columns, a multiple of 128. x, x' f32; update, v io_t; inverse (rows) f32 keeps 1 / rms.
extern "C" __global__ void __launch_bounds__(32 * NORM_WARPS) add_norm_forward(
    const float* x, const io_t* update, const float* weight, float epsilon, float* sum, io_t* v,
    float* inverse, int rows, int width) {
  const int row = blockIdx.x * NORM_WARPS + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  float4 value[NORM_MAX];
  float squares = 0.f;
#pragma unroll
  for (int i = 0; i < NORM_MAX; i++) {
    const int column = (i * 32 + lane) * 4;
    if (column >= width) break;
    const long at = (long)row * width + column;
    const float4 old = *(const float4*)(x + at), add = read4(*(const io4*)(update + at));
    value[i] = make_float4(old.x + add.x, old.y + add.y, old.z + add.z, old.w + add.w);
    *(float4*)(sum + at) = value[i];
    squares += value[i].x * value[i].x + value[i].y * value[i].y + value[i].z * value[i].z +
               value[i].w * value[i].w;
  }
  const float scale = rsqrtf(warp_sum(squares) / width + epsilon);
  if (lane == 0) inverse[row] = scale;
#pragma unroll
  for (int i = 0; i < NORM_MAX; i++) {
    const int column = (i * 32 + lane) * 4;
    if (column >= width) break;
    const float4 w = *(const float4*)(weight + column);
    *(io4*)(v + (long)row * width + column) =
        write4(make_float4(value[i].x * scale * w.x, value[i].y * scale * w.y, value[i].z * scale * w.z,
                           value[i].w * scale * w.w));
  }
}

// Its gradient: dx (f32) = dsum + the norm's share, dupdate the same in io_t; dweight (width) is added to.
extern "C" __global__ void __launch_bounds__(32 * NORM_WARPS) add_norm_backward(
    const float* sum, const float* inverse, const float* weight, const float* dsum, const io_t* dv,
    float* dx, io_t* dupdate, float* dweight, int rows, int width) {
  const int lane = threadIdx.x % 32;
  float4 w[NORM_MAX], dw[NORM_MAX];
  load_weight(w, dw, weight, lane, width);
  const int warps = gridDim.x * NORM_WARPS;
  for (int row = blockIdx.x * NORM_WARPS + threadIdx.x / 32; row < rows; row += warps) {
    const float scale = inverse[row];
    float4 hat[NORM_MAX], g[NORM_MAX];
    float dot = 0.f;
#pragma unroll
    for (int i = 0; i < NORM_MAX; i++) {
      const int column = (i * 32 + lane) * 4;
      if (column >= width) break;
      const long at = (long)row * width + column;
      const float4 value = *(const float4*)(sum + at), out = read4(*(const io4*)(dv + at));
      hat[i] = make_float4(value.x * scale, value.y * scale, value.z * scale, value.w * scale);
      dw[i].x += out.x * hat[i].x;
      dw[i].y += out.y * hat[i].y;
      dw[i].z += out.z * hat[i].z;
      dw[i].w += out.w * hat[i].w;
      g[i] = make_float4(out.x * w[i].x, out.y * w[i].y, out.z * w[i].z, out.w * w[i].w);
      dot += g[i].x * hat[i].x + g[i].y * hat[i].y + g[i].z * hat[i].z + g[i].w * hat[i].w;
    }
    dot = warp_sum(dot) / width;
#pragma unroll
    for (int i = 0; i < NORM_MAX; i++) {
      const int column = (i * 32 + lane) * 4;
      if (column >= width) break;
      const long at = (long)row * width + column;
      const float4 kept = *(const float4*)(dsum + at);
      const float4 to = make_float4(
          kept.x + scale * (g[i].x - hat[i].x * dot), kept.y + scale * (g[i].y - hat[i].y * dot),
          kept.z + scale * (g[i].z - hat[i].z * dot), kept.w + scale * (g[i].w - hat[i].w * dot));
      *(float4*)(dx + at) = to;
      *(io4*)(dupdate + at) = write4(to);
    }
  }
  add_gradient(dweight, dw, lane, width);
}

// Scores of tokens: v · weight + bias in f32. One warp a row of `width` columns, a multiple of 128.
extern "C" __global__ void __launch_bounds__(32 * NORM_WARPS) scores_forward(
    const io_t* v, const float* weight, const float* bias, float* scores, int rows, int width) {
  const int row = blockIdx.x * NORM_WARPS + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  float sum = 0.f;
#pragma unroll
  for (int i = 0; i < NORM_MAX; i++) {
    const int column = (i * 32 + lane) * 4;
    if (column >= width) break;
    const float4 x = read4(*(const io4*)(v + (long)row * width + column));
    const float4 w = *(const float4*)(weight + column);
    sum += x.x * w.x + x.y * w.y + x.z * w.z + x.w * w.w;
  }
  sum = warp_sum(sum);
  if (lane == 0) scores[row] = sum + bias[0];
}

// Their gradient: dv = dscore · weight; dweight (width) is added to.
extern "C" __global__ void __launch_bounds__(32 * NORM_WARPS) scores_backward(
    const io_t* v, const float* weight, const float* dscores, io_t* dv, float* dweight, int rows, int width) {
  const int lane = threadIdx.x % 32, warps = gridDim.x * NORM_WARPS;
  float4 w[NORM_MAX], dw[NORM_MAX];
  load_weight(w, dw, weight, lane, width);
  for (int row = blockIdx.x * NORM_WARPS + threadIdx.x / 32; row < rows; row += warps) {
    const float g = dscores[row];
#pragma unroll
    for (int i = 0; i < NORM_MAX; i++) {
      const int column = (i * 32 + lane) * 4;
      if (column >= width) break;
      const long at = (long)row * width + column;
      const float4 x = read4(*(const io4*)(v + at));
      dw[i].x += g * x.x;
      dw[i].y += g * x.y;
      dw[i].z += g * x.z;
      dw[i].w += g * x.w;
      *(io4*)(dv + at) = write4(make_float4(g * w[i].x, g * w[i].y, g * w[i].z, g * w[i].w));
    }
  }
  add_gradient(dweight, dw, lane, width);
}

#define ROW_THREADS 512
#define PIECE (16 / (int)sizeof(io_t))  // values a load

struct __align__(16) Piece { io_t of[PIECE]; };

// Softmax over what some threads have seen: the largest value, where it stands first, and Σ exp(v - top).
struct Seen { float top, sum; int first; };

__device__ __forceinline__ Seen join(Seen a, Seen b) {
  const float top = fmaxf(a.top, b.top);
  // Who has seen nothing has a top of minus infinity, and a sum of 0.
  const float of_a = a.top == top ? 1.f : power2((a.top - top) * LOG2E);
  const float of_b = b.top == top ? 1.f : power2((b.top - top) * LOG2E);
  const bool second = b.top > a.top || (b.top == a.top && b.first < a.first);
  Seen both = {top, a.sum * of_a + b.sum * of_b, second ? b.first : a.first};
  return both;
}

__device__ __forceinline__ Seen warp_join(Seen seen) {
  for (int mask = 16; mask > 0; mask /= 2) {
    Seen other;
    other.top = __shfl_xor_sync(~0u, seen.top, mask);
    other.sum = __shfl_xor_sync(~0u, seen.sum, mask);
    other.first = __shfl_xor_sync(~0u, seen.first, mask);
    seen = join(seen, other);
  }
  return seen;
}

// Cross-entropy of rows of logits (rows, width), which become their gradient: weight · (softmax - one-hot).
// One block a row, width a multiple of 8. The row is read twice; the second time it is in the cache still.
extern "C" __global__ void __launch_bounds__(ROW_THREADS) cross_entropy(
    io_t* logits, const long* targets, const float* weights, float* losses, bool* right, int width) {
  __shared__ Seen of_warp[ROW_THREADS / 32];
  const long row = blockIdx.x;
  const int target = (int)targets[row], pieces = width / PIECE, lane = threadIdx.x % 32;
  Piece* at = (Piece*)(logits + row * width);
  const float goal = read_io(logits[row * width + target]), weight = weights[row];
  const Seen nothing = {MINUS_INFINITY, 0.f, 0x7fffffff};
  Seen seen = nothing;
  for (int i = threadIdx.x; i < pieces; i += ROW_THREADS) {
    const Piece piece = at[i];
    const float before = seen.top;
#pragma unroll
    for (int j = 0; j < PIECE; j++) {
      const float value = read_io(piece.of[j]);
      if (value > seen.top) {
        seen.top = value;
        seen.first = i * PIECE + j;
      }
    }
    if (seen.top > before) seen.sum *= power2((before - seen.top) * LOG2E);
#pragma unroll
    for (int j = 0; j < PIECE; j++) seen.sum += power2((read_io(piece.of[j]) - seen.top) * LOG2E);
  }
  seen = warp_join(seen);
  if (lane == 0) of_warp[threadIdx.x / 32] = seen;
  __syncthreads();  // also: every thread has read the target's logit
  seen = warp_join(lane < ROW_THREADS / 32 ? of_warp[lane] : nothing);
  if (threadIdx.x == 0) {
    losses[row] = logf(seen.sum) + (seen.top - goal);
    right[row] = seen.first == target;
  }
  const float scale = weight / seen.sum;
  for (int i = threadIdx.x; i < pieces; i += ROW_THREADS) {
    Piece piece = at[i];
#pragma unroll
    for (int j = 0; j < PIECE; j++) {
      const float share = scale * power2((read_io(piece.of[j]) - seen.top) * LOG2E);
      piece.of[j] = write_io(i * PIECE + j == target ? share - weight : share);
    }
    at[i] = piece;
  }
}
