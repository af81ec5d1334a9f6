package c2pa

import (
	"slices"
	"strings"
)

// The schemas and fields a c2pa.metadata assertion may have, C2PA appendix B. dc:created and dc:modified came with 2.4.

// metadataSchemas maps each prefix to the namespaces it may stand for.
var metadataSchemas = map[string][]string{
	"xmp":          {"http://ns.adobe.com/xap/1.0/"},
	"xmpMM":        {"http://ns.adobe.com/xap/1.0/mm/"},
	"xmpTPg":       {"http://ns.adobe.com/xap/1.0/t/pg/"},
	"crs":          {"http://ns.adobe.com/camera-raw-settings/1.0/"},
	"pdf":          {"http://ns.adobe.com/pdf/1.3/"},
	"dc":           {"http://purl.org/dc/elements/1.1/"},
	"Iptc4xmpCore": {"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"},
	"Iptc4xmpExt":  {"http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
	"exif":         {"http://ns.adobe.com/exif/1.0/"},
	"exifEX":       {"http://cipa.jp/exif/1.0/", "http://cipa.jp/exif/1.0/exifEX"},
	"photoshop":    {"http://ns.adobe.com/photoshop/1.0/"},
	"tiff":         {"http://ns.adobe.com/tiff/1.0/"},
	"xmpDM":        {"http://ns.adobe.com/xmp/1.0/DynamicMedia/"},
	"plus":         {"http://ns.useplus.org/ldf/xmp/1.0/"},
}

// metadataWhole are the schemas of which every field is allowed, appendix B.1.
var metadataWhole = " xmp xmpMM xmpTPg crs pdf "

// metadataFields lists the allowed fields of the others, appendix B.2.
var metadataFields = map[string]string{
	"dc":           " coverage date format identifier language relation type created modified ",
	"Iptc4xmpCore": " Scene ",
	"Iptc4xmpExt": " DigImageGUID DigitalSourceType EventId Genre ImageRating ImageRegion RegistryId LocationCreated " +
		"LocationShown MaxAvailHeight MaxAvailWidth ",
	"exif": " ApertureValue BrightnessValue CFAPattern ColorSpace CompressedBitsPerPixel Contrast CustomRendered " +
		"DateTimeDigitized DateTimeOriginal DeviceSettingDescription DigitalZoomRatio ExifVersion " +
		"ExposureBiasValue ExposureIndex ExposureMode ExposureProgram ExposureTime FileSource Flash " +
		"FlashEnergy FlashpixVersion FNumber FocalLength FocalLengthIn35mmFilm FocalPlaneResolutionUnit " +
		"FocalPlaneXResolution FocalPlaneYResolution GainControl ImageUniqueID ISOSpeedRatings LightSource " +
		"MaxApertureValue MeteringMode OECF OffsetTimeOriginal PixelXDimension PixelYDimension " +
		"RelatedSoundFile Saturation SceneCaptureType SceneType SensingMethod Sharpness ShutterSpeedValue " +
		"SpatialFrequencyResponse SpectralSensitivity SubjectArea SubjectDistance SubjectDistanceRange " +
		"SubjectLocation WhiteBalance GPSAltitude GPSAltitudeRef GPSDateStamp GPSDestBearing " +
		"GPSDestBearingRef GPSDestDistance GPSDestDistanceRef GPSDestLatitude GPSDestLongitude " +
		"GPSDifferential GPSDOP GPSHPositioningError GPSImgDirection GPSImgDirectionRef GPSLatitude " +
		"GPSLongitude GPSMapDatum GPSMeasureMode GPSProcessingMethod GPSSatellites GPSSpeed GPSSpeedRef " +
		"GPSStatus GPSTimeStamp GPSTrack GPSTrackRef GPSVersionID ",
	"exifEX": " BodySerialNumber Gamma InteroperabilityIndex ISOSpeed ISOSpeedLatitudeyyy ISOSpeedLatitudezzz " +
		"LensMake LensModel LensSerialNumber LensSpecification PhotographicSensitivity " +
		"RecommendedExposureIndex SensitivityType StandardOutput-Sensitivity ",
	"photoshop": " Category City ColorMode Country DateCreated DocumentAncestors History ICCProfile State " +
		"SupplementalCategories TextLayers TransmissionReference Urgency ",
	"tiff": " BitsPerSample Compression DateTime ImageLength ImageWidth Make Model Orientation " +
		"PhotometricInterpretation PlanarConfiguration PrimaryChromaticities ReferenceBlackWhite " +
		"ResolutionUnit SamplesPerPixel Software TransferFunction WhitePoint XResolution YResolution " +
		"YCbCrCoefficients YCbCrPositioning YCbCrSubSampling ",
	"xmpDM": " absPeakAudioFilePath album altTapeName altTimecode audioChannelType audioCompressor audioSampleRate " +
		"audioSampleType beatSpliceParams cameraAngle cameraLabel cameraModel cameraMove comment " +
		"contributedMedia duration fileDataRate genre good instrument introTime key logComment loop " +
		"numberOfBeats markers outCue projectName projectRef pullDown relativePeakAudioFilePath " +
		"relativeTimestamp releaseDate resampleParams scaleType scene shotDate shotDay shotLocation shotName " +
		"shotNumber shotSize speakerPlacement startTimecode stretchMode takeNumber tapeName tempo " +
		"timeScaleParams timeSignature trackNumber Tracks videoAlphaMode videoAlphaPremultipleColor " +
		"videoAlphaUnityIsTransparent videoColorSpace videoCompressor videoFieldOrder videoFrameRate " +
		"videoFrameSize videoPixelAspectRatio videoPixelDepth partOfCompilation lyrics discNumber ",
	"plus": " FileNameAsDelivered FirstPublicationDate ImageFileFormatAsDelivered ImageFileSizeAsDelivered " +
		"ImageType Version ",
}

// metadataAllowed reports whether a field may stand in a c2pa.metadata assertion.
func metadataAllowed(prefix, name string) bool {
	return slices.Contains(strings.Fields(metadataWhole), prefix) || slices.Contains(strings.Fields(metadataFields[prefix]), name)
}
