{{- define "triage.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "triage.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "triage.labels" -}}
{{ include "triage.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* The configuration, with an admin address that fits `metrics`. */ -}}
{{- define "triage.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $admin := dict "address" (printf "%s:%v" (ternary "0.0.0.0" "127.0.0.1" .Values.metrics.exposed) .Values.metrics.port) }}
{{- $_ := set $config "admin" (merge (default dict $config.admin) $admin) }}
{{- toYaml $config }}
{{- end }}

{{- define "triage.probe" -}}
[triage, health, --admin, "127.0.0.1:{{ .Values.metrics.port }}"]
{{- end }}
