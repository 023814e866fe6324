// GPU kernels of the training: selective scan and causal convolution with their gradients, and the
// prefix state pool. Compiled at run time by `cuda_ops.py`, with IO_BF16 defined for bf16 activations
// (f32 otherwise). Shapes: B batch, L tokens, E channels, N = 16 states; activations are (B, L, E) with
// a row stride given in elements, everything else is contiguous f32.

#ifdef IO_BF16
typedef unsigned short io_t;
__device__ __forceinline__ float read_io(io_t v) { return __uint_as_float((unsigned)v << 16); }
__device__ __forceinline__ io_t write_io(float f) {
  unsigned u = __float_as_uint(f);
  return (io_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);  // round to nearest even
}
#else
typedef float io_t;
__device__ __forceinline__ float read_io(io_t v) { return v; }
__device__ __forceinline__ io_t write_io(float f) { return f; }
#endif

#define N_STATE 16
#define LANES 4        // threads a channel, each with 4 states
#define STATES 4
#define CHANNELS 32    // channels a block of 128 threads
#define TILE 16        // tokens a tile; the forward pass keeps the state at every tile's start
#define LOG2E 1.4426950408889634f

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + __expf(-x)); }
__device__ __forceinline__ float softplus(float x) { return x > 20.f ? x : log1pf(__expf(x)); }

// Selective scan. Grid (E / CHANNELS, B). `starts` (B, ceil(L / TILE), E, N) receives the state before
// every tile, or is null where no gradient is wanted.
extern "C" __global__ void __launch_bounds__(128) scan_forward(
    const io_t* u, const io_t* raw, const io_t* z, long z_stride, const float* bias, const float* a,
    const float* b, const float* c, const float* d, io_t* y, float* end, float* starts, int length,
    int channels) {
  __shared__ float su[TILE][CHANNELS], sdt[TILE][CHANNELS], sz[TILE][CHANNELS], sy[TILE][CHANNELS];
  __shared__ float sb[TILE][N_STATE], sc[TILE][N_STATE];
  const int lane = threadIdx.x % LANES, local = threadIdx.x / LANES;
  const int first = blockIdx.x * CHANNELS, channel = first + local;
  const long batch = blockIdx.y;
  const int tiles = (length + TILE - 1) / TILE;
  float decay[STATES], h[STATES];
#pragma unroll
  for (int s = 0; s < STATES; s++) {
    decay[s] = a[channel * N_STATE + lane * STATES + s] * LOG2E;
    h[s] = 0.f;
  }
  const float skip = d[channel];
  for (int tile = 0; tile < tiles; tile++) {
    const int t0 = tile * TILE;
    __syncthreads();
    for (int i = threadIdx.x; i < TILE * CHANNELS; i += 128) {
      const int t = i / CHANNELS, e = i % CHANNELS;
      const bool inside = t0 + t < length;
      const long row = batch * length + t0 + t;
      su[t][e] = inside ? read_io(u[row * channels + first + e]) : 0.f;
      sdt[t][e] = inside ? softplus(read_io(raw[row * channels + first + e]) + bias[first + e]) : 0.f;
      sz[t][e] = inside ? read_io(z[row * z_stride + first + e]) : 0.f;
    }
    for (int i = threadIdx.x; i < TILE * N_STATE; i += 128) {
      const int t = i / N_STATE, n = i % N_STATE;
      const bool inside = t0 + t < length;
      const long row = batch * length + t0 + t;
      sb[t][n] = inside ? b[row * N_STATE + n] : 0.f;
      sc[t][n] = inside ? c[row * N_STATE + n] : 0.f;
    }
    __syncthreads();
    if (starts) {
      float* to = starts + ((batch * tiles + tile) * channels + channel) * N_STATE + lane * STATES;
#pragma unroll
      for (int s = 0; s < STATES; s++) to[s] = h[s];
    }
#pragma unroll
    for (int t = 0; t < TILE; t++) {
      const float dt = sdt[t][local], x = su[t][local], w = dt * x;
      float sum = 0.f;
#pragma unroll
      for (int s = 0; s < STATES; s++) {
        // Past the end Δ = 0 and B = 0, so the state stays as it is.
        h[s] = exp2f(dt * decay[s]) * h[s] + w * sb[t][lane * STATES + s];
        sum += h[s] * sc[t][lane * STATES + s];
      }
      sum += __shfl_xor_sync(~0u, sum, 1);
      sum += __shfl_xor_sync(~0u, sum, 2);
      if (lane == 0) sy[t][local] = sum + skip * x;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < TILE * CHANNELS; i += 128) {
      const int t = i / CHANNELS, e = i % CHANNELS;
      if (t0 + t < length) {
        const float gate = sz[t][e];
        y[(batch * length + t0 + t) * channels + first + e] = write_io(sy[t][e] * gate * sigmoid(gate));
      }
    }
  }
#pragma unroll
  for (int s = 0; s < STATES; s++)
    end[(batch * channels + channel) * N_STATE + lane * STATES + s] = h[s];
}

// Gradient of the selective scan: tiles from the last to the first; in each the states are computed
// again from the saved start and kept in registers. db and dc are added to (B, L, N) f32 buffers that
// start at zero, likewise da (E, N), dd (E) and dbias (E).
extern "C" __global__ void __launch_bounds__(128) scan_backward(
    const io_t* u, const io_t* raw, const io_t* z, long z_stride, const float* bias, const float* a,
    const float* b, const float* c, const float* d, const float* starts, const io_t* dy, io_t* du,
    io_t* draw, io_t* dz, float* da, float* db, float* dc, float* dd, float* dbias, int length,
    int channels) {
  __shared__ float su[TILE][CHANNELS], sdt[TILE][CHANNELS], sz[TILE][CHANNELS], sg[TILE][CHANNELS];
  __shared__ float sb[TILE][N_STATE], sc[TILE][N_STATE];
  __shared__ float su_out[TILE][CHANNELS], sdt_out[TILE][CHANNELS], sz_out[TILE][CHANNELS];
  __shared__ float spart[4][TILE][2 * N_STATE];
  const int lane = threadIdx.x % LANES, local = threadIdx.x / LANES, warp = threadIdx.x / 32;
  const int group = (threadIdx.x % 32) / LANES;  // channel within the warp, 0 … 7
  const int first = blockIdx.x * CHANNELS, channel = first + local;
  const long batch = blockIdx.y;
  const int tiles = (length + TILE - 1) / TILE;
  float rate[STATES], dh[STATES], da_sum[STATES];
#pragma unroll
  for (int s = 0; s < STATES; s++) {
    rate[s] = a[channel * N_STATE + lane * STATES + s];
    dh[s] = 0.f;
    da_sum[s] = 0.f;
  }
  const float skip = d[channel];
  float dd_sum = 0.f, dbias_sum = 0.f;
  for (int tile = tiles - 1; tile >= 0; tile--) {
    const int t0 = tile * TILE;
    __syncthreads();
    for (int i = threadIdx.x; i < TILE * CHANNELS; i += 128) {
      const int t = i / CHANNELS, e = i % CHANNELS;
      const bool inside = t0 + t < length;
      const long row = batch * length + t0 + t;
      su[t][e] = inside ? read_io(u[row * channels + first + e]) : 0.f;
      sdt[t][e] = inside ? softplus(read_io(raw[row * channels + first + e]) + bias[first + e]) : 0.f;
      sz[t][e] = inside ? read_io(z[row * z_stride + first + e]) : 0.f;
      sg[t][e] = inside ? read_io(dy[row * channels + first + e]) : 0.f;
    }
    for (int i = threadIdx.x; i < TILE * N_STATE; i += 128) {
      const int t = i / N_STATE, n = i % N_STATE;
      const bool inside = t0 + t < length;
      const long row = batch * length + t0 + t;
      sb[t][n] = inside ? b[row * N_STATE + n] : 0.f;
      sc[t][n] = inside ? c[row * N_STATE + n] : 0.f;
    }
    __syncthreads();
    float h[TILE + 1][STATES];
    const float* from = starts + ((batch * tiles + tile) * channels + channel) * N_STATE + lane * STATES;
#pragma unroll
    for (int s = 0; s < STATES; s++) h[0][s] = from[s];
#pragma unroll
    for (int t = 0; t < TILE; t++) {
      const float dt = sdt[t][local], w = dt * su[t][local];
#pragma unroll
      for (int s = 0; s < STATES; s++)
        h[t + 1][s] = exp2f(dt * rate[s] * LOG2E) * h[t][s] + w * sb[t][lane * STATES + s];
    }
#pragma unroll
    for (int t = TILE - 1; t >= 0; t--) {
      const float dt = sdt[t][local], x = su[t][local], gate = sz[t][local], g = sg[t][local];
      const float opened = sigmoid(gate), dout = g * gate * opened;  // gradient before the gate
      float sum = 0.f, dw = 0.f, ddt = 0.f, part[2 * STATES];
#pragma unroll
      for (int s = 0; s < STATES; s++) {
        const float bt = sb[t][lane * STATES + s], ct = sc[t][lane * STATES + s];
        sum += h[t + 1][s] * ct;
        dh[s] += ct * dout;
        part[STATES + s] = dout * h[t + 1][s];  // dC
        part[s] = dh[s] * dt * x;               // dB
        dw += dh[s] * bt;
        const float carried = dh[s] * exp2f(dt * rate[s] * LOG2E);
        ddt += carried * h[t][s] * rate[s];
        da_sum[s] += carried * h[t][s] * dt;
        dh[s] = carried;
      }
      sum += __shfl_xor_sync(~0u, sum, 1);
      dw += __shfl_xor_sync(~0u, dw, 1);
      ddt += __shfl_xor_sync(~0u, ddt, 1);
      sum += __shfl_xor_sync(~0u, sum, 2);
      dw += __shfl_xor_sync(~0u, dw, 2);
      ddt += __shfl_xor_sync(~0u, ddt, 2);
      if (lane == 0) {
        const float y = sum + skip * x;
        su_out[t][local] = dw * dt + skip * dout;
        // d softplus(r) = σ(r) = 1 - exp(-Δ)
        const float draw_t = (ddt + dw * x) * -expm1f(-dt);
        sdt_out[t][local] = draw_t;
        sz_out[t][local] = g * y * opened * (1.f + gate * (1.f - opened));
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
    __syncthreads();
    for (int i = threadIdx.x; i < TILE * 2 * N_STATE; i += 128) {
      const int t = i / (2 * N_STATE), n = i % (2 * N_STATE);
      if (t0 + t < length) {
        const float sum = spart[0][t][n] + spart[1][t][n] + spart[2][t][n] + spart[3][t][n];
        float* to = n < N_STATE ? db : dc;
        atomicAdd(to + (batch * length + t0 + t) * N_STATE + n % N_STATE, sum);
      }
    }
    for (int i = threadIdx.x; i < TILE * CHANNELS; i += 128) {
      const int t = i / CHANNELS, e = i % CHANNELS;
      if (t0 + t < length) {
        const long to = (batch * length + t0 + t) * channels + first + e;
        du[to] = write_io(su_out[t][e]);
        draw[to] = write_io(sdt_out[t][e]);
        dz[to] = write_io(sz_out[t][e]);
      }
    }
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
