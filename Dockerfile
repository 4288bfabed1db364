# The app in a container: docs/deploying.md says how to build, run and publish it.
FROM python:3.11.14-slim-bookworm AS packages

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements-cloud.txt /tmp/
# Our own package is found by PYTHONPATH below: new code does not install the packages again. TensorFlow brings
# headers for C++ programs, 290 MB that nothing reads here.
RUN grep -v '^-e' /tmp/requirements-cloud.txt > /tmp/packages.txt \
    && /opt/venv/bin/pip install -r /tmp/packages.txt \
    && /opt/venv/bin/pip uninstall --yes pip \
    && rm -rf /opt/venv/lib/python3.11/site-packages/tensorflow/include

FROM python:3.11.14-slim-bookworm

# Hugging Face runs every Space as user 1000.
RUN useradd --create-home --uid 1000 reader && install --directory --owner=reader --group=reader /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /home/reader/app
COPY LICENSE ./
COPY .streamlit .streamlit
COPY evaluation evaluation
COPY training training
# Taught models are adopted into this folder.
COPY --chown=reader:reader models models
COPY digits digits
COPY app app
COPY docs/samples/form docs/samples/form

# A container is mostly for strangers: nothing of theirs is kept. DIGITS_PUBLIC=0 is for your own.
ENV DIGITS_PUBLIC=1 \
    DIGITS_USER_DIR=/data/user_data \
    KERAS_HOME=/data/keras \
    PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/home/reader/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_PORT=7860 \
    TF_CPP_MIN_LOG_LEVEL=3
USER 1000
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://localhost:{os.environ['STREAMLIT_SERVER_PORT']}/_stcore/health\", timeout=4)"]
CMD ["streamlit", "run", "app/Home.py"]
