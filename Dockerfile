# The whole studio, web server and worker, in one container. Its data lies in the volume /data.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 DATA_DIR=/data
WORKDIR /studio

# What backups of PostgreSQL are made and brought back with.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*

# The packages first: they change less often than the code.
COPY requirements-scale.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements-scale.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /data studio \
    && install --directory --owner studio --group studio /data \
    && .venv/bin/python -m compileall -q generations imagine_site

USER studio
VOLUME /data
EXPOSE 8000

# The studio stops its own children in order; it must get the signal itself, so no shell in between.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import http.client as h, os, sys, urllib.parse as u; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz', headers={'Host': u.urlsplit(os.environ.get('PUBLIC_URL', '')).hostname or 'localhost'}); sys.exit(c.getresponse().status != 200)"]

# Listening for everybody needs PUBLIC_URL with https, or PUBLIC_URL on this machine with INSECURE_HTTP=1.
CMD [".venv/bin/python", "manage.py", "studio", "--host", "0.0.0.0"]
