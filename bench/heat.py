"""Times of `kuailian heat stats` and of its parts, against SAGA, by zones and by pixels.

Each ratio is the median of pairs: both sides run one after the other, so that what else the machine does hits both.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

import heat_files

ROUNDS = int(os.environ.get('ROUNDS', '3'))
SIDE = 8192  # 64 Mpx
ZONES = 9898


class Bench:
    def __init__(self, kuailian, program, folder):
        self.kuailian, self.program, self.folder = kuailian, program, folder
        os.makedirs(folder, exist_ok=True)

    def raster(self, side=SIDE):
        return heat_files.raster(self.program, self.folder, side)

    def zones(self, count, side=SIDE):
        base = os.path.join(self.folder, f'hexagons-{side}-{count}')
        if not os.path.exists(base + '.json'):
            subprocess.run([sys.executable, heat_files.__file__, str(side), str(count), base], check=True)
        return base

    def parts(self, *arguments):
        """What bench-heat prints: pairs of a name and a number."""
        out = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, check=True).stdout
        return {name: float(value) for name, value in re.findall(r'(\w+) (\S+)', out)}

    def command(self, side, count, *more):
        """The whole command: seconds, processor seconds, peak kilobytes."""
        return timed([self.kuailian, 'heat', 'stats', '--scene', self.raster(side), '--zones',
                      self.zones(count, side) + '.json', '--zone-id', 'zone', '--quiet', '--csv',
                      os.path.join(self.folder, 'out.csv'), *more])


FOUR = ['--quantiles', 'none', '--above', 'none']  # Mean, sd, least, most.


def timed(command):
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f'failed: {" ".join(command)}')
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def median(values):
    return statistics.median(values)


def against_saga(bench):
    """64 Mpx, 9,898 hexagons, whole processes from files to a table."""
    if not shutil.which('saga_cmd'):
        print('heat SAGA: skipped, saga_cmd is not installed (Debian: saga)')
        return
    shapes = bench.zones(ZONES) + '.shp'
    saga = ['saga_cmd', 'shapes_grid', '2', f'-GRIDS={bench.raster()}', f'-POLYGONS={shapes}', '-METHOD=3',
            '-PARALLELIZED=1', '-COUNT=0', '-RANGE=0', '-SUM=0', '-VAR=0',
            f'-RESULT={os.path.join(bench.folder, "out.shp")}']
    pairs = [(bench.command(SIDE, ZONES, *FOUR), timed(saga)) for _ in range(ROUNDS)]
    print(f'heat SAGA METHOD=3, {SIDE}² pixels, {ZONES} hexagons, mean sd min max: ours {median([o[0] for o, _ in pairs]):.2f} s, '
          f'SAGA {median([s[0] for _, s in pairs]):.2f} s, ratio {median([s[0] / o[0] for o, s in pairs]):.1f}; processor '
          f'ratio {median([s[1] / o[1] for o, s in pairs]):.1f}; memory {pairs[0][0][2] >> 10} and {pairs[0][1][2] >> 10} MB')


def by_zones(bench):
    """100,000 zones against 10,000 on the same raster: the whole command, and without reading and writing text."""
    few, many = 10000, 100000
    pairs = [(bench.command(SIDE, few, *FOUR), bench.command(SIDE, many, *FOUR)) for _ in range(ROUNDS)]
    print(f'heat command, {many} zones to {few}: {median([b[0] for _, b in pairs]):.2f} s to '
          f'{median([a[0] for a, _ in pairs]):.2f} s, ratio {median([b[0] / a[0] for a, b in pairs]):.2f}; processor ratio '
          f'{median([b[1] / a[1] for a, b in pairs]):.2f}; peak {pairs[0][1][2] >> 10} and {pairs[0][0][2] >> 10} MB')
    rows = []
    for _ in range(ROUNDS):
        rows.append([bench.parts('stats', bench.raster(), bench.zones(count) + '.json', 2) for count in (few, many)])
    print('heat statistics alone, {} zones to {}: {:.2f} s to {:.2f} s, ratio {:.2f}; processor ratio {:.2f}'.format(
        many, few, median([b['stats_s'] for _, b in rows]), median([a['stats_s'] for a, _ in rows]),
        median([b['stats_s'] / a['stats_s'] for a, b in rows]), median([b['stats_cpu_s'] / a['stats_cpu_s'] for a, b in rows])))


def against_decoding(bench):
    """What is not reading pixels."""
    rows = []
    for _ in range(ROUNDS):
        rows.append((bench.parts('decode', bench.raster(), 2),
                     bench.parts('stats', bench.raster(), bench.zones(ZONES) + '.json', 2)))
    print('heat decoding alone {:.2f} s, with statistics of {} zones {:.2f} s: decoding is {:.0%} of it, of its processor time '
          '{:.0%}'.format(median([d['decode_s'] for d, _ in rows]), ZONES, median([s['stats_s'] for _, s in rows]),
                          median([d['decode_s'] / s['stats_s'] for d, s in rows]),
                          median([d['decode_cpu_s'] / s['stats_cpu_s'] for d, s in rows])))


def by_pixels(bench):
    """From 4 to 256 Mpx with as many zones: time for a megapixel, and memory."""
    sides = (2048, 4096, 8192, 16384)
    found = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side in sides:
            found[side].append(bench.command(side, ZONES, *FOUR))
    for side in sides:
        seconds = median([run[0] for run in found[side]])
        print(f'heat {side * side >> 20} Mpx, {ZONES} zones: {seconds:.2f} s, {seconds * 1e3 / (side * side >> 20):.1f} ms a '
              f'Mpx, peak {max(run[2] for run in found[side]) >> 10} MB')
    few = median([run[0] for run in found[sides[0]]])
    print(f'heat {sides[-1] ** 2 >> 20} to {sides[0] ** 2 >> 20} Mpx: time ratio '
          f'{median([run[0] for run in found[sides[-1]]]) / few:.1f}, pixels {(sides[-1] // sides[0]) ** 2}; processor ratio '
          f'{median([run[1] for run in found[sides[-1]]]) / median([run[1] for run in found[sides[0]]]):.1f}')


def quantiles(bench):
    pairs = [(bench.command(SIDE, ZONES, *FOUR), bench.command(SIDE, ZONES)) for _ in range(ROUNDS)]
    print(f'heat five quantiles and three areas besides: ratio {median([b[0] / a[0] for a, b in pairs]):.2f}, peak '
          f'{pairs[0][1][2] >> 10} MB')


def run(kuailian, program, folder):
    bench = Bench(kuailian, program, folder)
    for part in (against_decoding, by_zones, quantiles, by_pixels, against_saga):
        part(bench)
