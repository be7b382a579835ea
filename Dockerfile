# docker build -t depth-demo . && docker run --publish 7860:7860 --volume depth-weights:/weights depth-demo
FROM python:3.12-slim

# With a GPU: --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu128, and docker run --gpus all
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
SHELL ["/bin/bash", "-o", "pipefail", "-c"]

# The matching is compiled for the processor that runs it.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt ./
RUN grep -o '^torch[^ ]*' requirements.txt | xargs pip install --no-cache-dir --index-url "$TORCH_INDEX" \
    && pip install --no-cache-dir --requirement requirements.txt
COPY app.py LICENSE ./
COPY depth_demo depth_demo
COPY examples examples

RUN useradd --create-home --uid 1000 demo && install --directory --owner demo /weights
USER 1000
ENV HF_HOME=/weights PYTHONUNBUFFERED=1
VOLUME /weights
EXPOSE 7860
HEALTHCHECK --start-period=60s --timeout=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
